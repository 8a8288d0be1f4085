package dev.millrace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What must never be, across all modules: this one sees them all on its class path. */
@AnalyzeClasses(
        packages = "dev.millrace",
        importOptions = {ImportOption.DoNotIncludeTests.class, HouseRulesTest.NoTestJars.class})
class HouseRulesTest {
    /** Other modules' tests come as jars, which the option for folders of tests does not know. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String[] BACKENDS = {
        "dev.millrace.gpu.cuda..", "dev.millrace.gpu.cpu..", "dev.millrace.gpu.onnxruntime.."
    };

    @ArchTest
    static final ArchRule jcudaStaysInTheCudaBackend =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.millrace.gpu.cuda..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("jcuda..");

    @ArchTest
    static final ArchRule onnxRuntimeStaysInItsBackend =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.millrace.gpu.onnxruntime..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("ai.onnxruntime..");

    @ArchTest
    static final ArchRule nobodyOutsideTheModuleKnowsABackend =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.millrace.gpu..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(BACKENDS);

    /** The service loader finds backends; a name in code would tie the contract to one of them. */
    @ArchTest
    static final ArchRule theContractKnowsNoBackend =
            noClasses()
                    .that()
                    .resideInAPackage("dev.millrace.gpu.engine..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(BACKENDS);

    @ArchTest
    static final ArchRule othersSeeOnlyTheEnginesOfTheGpuModule =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.millrace.gpu..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.millrace.gpu.model..", "dev.millrace.gpu.onnx..");

    @ArchTest
    static final ArchRule enginesAndSchemasKnowNeitherFlinkNorKafka =
            noClasses()
                    .that()
                    .resideInAnyPackage("dev.millrace.gpu..", "dev.millrace.schema..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..");

    @ArchTest
    static final ArchRule enginesKnowNoAvro =
            noClasses()
                    .that()
                    .resideInAPackage("dev.millrace.gpu..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.apache.avro..", "dev.millrace.schema..");

    @ArchTest
    static final ArchRule schemasKnowNoEngines =
            noClasses()
                    .that()
                    .resideInAPackage("dev.millrace.schema..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.millrace.gpu..");

    /** What runs on a cluster must not need the command or the broker of one machine. */
    @ArchTest
    static final ArchRule jobsKnowNeitherTheCommandNorTheLocalCluster =
            noClasses()
                    .that()
                    .resideInAPackage("dev.millrace.job..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.millrace.cli..", "dev.millrace.local..");

    /** Only the embedded broker may need Kafka's server: the job jar does not carry it. */
    @ArchTest
    static final ArchRule kafkasServerStaysWithTheLocalBroker =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.millrace.local..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "kafka..", "org.apache.kafka.metadata..", "org.apache.kafka.server..");

    @ArchTest
    static final ArchRule configurationKnowsNoFlink =
            noClasses()
                    .that()
                    .resideInAPackage("dev.millrace.job.config..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.flink..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.millrace.(**)").should().beFreeOfCycles();
}
