package dev.millrace.schema;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** What must never be. */
@AnalyzeClasses(
        packages = "dev.millrace.schema",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final Set<String> TIMES =
            Set.of("nanoTime", "currentTimeMillis", "now", "millis", "instant");
    private static final Set<String> CLOCKS =
            Set.of(
                    "java.lang.System",
                    "java.time.Instant",
                    "java.time.LocalDateTime",
                    "java.time.ZonedDateTime",
                    "java.time.Clock");

    @ArchTest
    static final ArchRule knowsNeitherFlinkNorKafkaNorEngines =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.flink..",
                            "org.apache.kafka..",
                            "dev.millrace.gpu..",
                            "dev.millrace.operator..",
                            "dev.millrace.job..",
                            "jcuda..",
                            "ai.onnxruntime..");

    @ArchTest
    static final ArchRule contractsKnowNothingElseOfTheModule =
            noClasses()
                    .that()
                    .resideInAPackage("dev.millrace.schema")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.millrace.schema.feature..", "dev.millrace.schema.wire..");

    @ArchTest
    static final ArchRule featuresKnowNoWireFormat =
            noClasses()
                    .that()
                    .resideInAPackage("dev.millrace.schema.feature..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.millrace.schema.wire..");

    @ArchTest
    static final ArchRule onlyWireFormatsSpeakToTheNetwork =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.millrace.schema.wire..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.net.http..", "javax.net..");

    @ArchTest
    static final ArchRule nothingReadsAClock =
            noClasses()
                    .should()
                    .accessTargetWhere(
                            new DescribedPredicate<JavaAccess<?>>("it reads a clock") {
                                @Override
                                public boolean test(JavaAccess<?> access) {
                                    return CLOCKS.contains(access.getTargetOwner().getFullName())
                                            && TIMES.contains(access.getTarget().getName());
                                }
                            });

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.millrace.(**)").should().beFreeOfCycles();
}
