package dev.millrace.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.millrace.operator.inference.MicroBatchInferenceOperator;
import java.util.Set;
import org.apache.flink.util.clock.Clock;

/** What must never be. */
@AnalyzeClasses(
        packages = "dev.millrace.operator",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final Set<String> TIMES =
            Set.of("nanoTime", "currentTimeMillis", "now", "relativeTimeNanos", "millis");

    private static final Set<String> CLOCKS =
            Set.of(
                    "java.lang.System",
                    "java.time.Instant",
                    "java.time.LocalDateTime",
                    "java.time.Clock",
                    Clock.class.getName());

    @ArchTest
    static final ArchRule batchingIsPlainJava =
            noClasses()
                    .that()
                    .resideInAPackage("dev.millrace.operator.batch..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache..",
                            "dev.millrace.operator.inference..",
                            "dev.millrace.operator.deadletter..");

    @ArchTest
    static final ArchRule backendsStayBehindTheEngine =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "jcuda..",
                            "ai.onnxruntime..",
                            "dev.millrace.gpu.cuda..",
                            "dev.millrace.gpu.cpu..",
                            "dev.millrace.gpu.onnxruntime..",
                            "dev.millrace.gpu.model..");

    @ArchTest
    static final ArchRule operatorsKnowNoKafka =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.apache.kafka..", "org.apache.flink.connector.kafka..");

    @ArchTest
    static final ArchRule theOperatorAloneReadsAClock =
            noClasses()
                    .that()
                    .doNotBelongToAnyOf(MicroBatchInferenceOperator.class)
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
            slices().matching("dev.millrace.operator.(*)..").should().beFreeOfCycles();
}
