package dev.millrace.gpu.inspection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.inspection.Finding.Verdict;
import dev.millrace.gpu.inspection.TestingBackend.Fault;
import dev.millrace.gpu.testing.TestModels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelCheckTest {
    private static final ModelArtifact ANY =
            new ModelArtifact("any", "1", "any".getBytes(StandardCharsets.UTF_8), "any.onnx");

    @Test
    void allPromisesAreKeptByExactEngines() throws Exception {
        List<Finding> findings =
                check(
                        backend("a", Exactness.PORTABLE, Fault.NONE),
                        backend("b", Exactness.PORTABLE, Fault.NONE));
        assertThat(findings).hasSize(7).allMatch(finding -> finding.verdict() == Verdict.KEPT);
    }

    @ParameterizedTest
    @EnumSource(names = {"SIZE", "PLACE", "NEIGHBOUR"})
    void aScoreThatIsNoFunctionOfItsRecordBreaksAPromise(Fault fault) throws Exception {
        List<Finding> findings = check(backend("a", Exactness.DEVICE, fault));
        assertThat(findings)
                .filteredOn(finding -> finding.verdict() == Verdict.BROKEN)
                .isNotEmpty()
                .allMatch(finding -> finding.detail().contains("records differ; record "));
    }

    @Test
    void nothingIsBrokenWhereNothingIsPromised() throws Exception {
        List<Finding> findings = check(backend("a", Exactness.NONE, Fault.PLACE));
        assertThat(findings).allMatch(finding -> finding.verdict() == Verdict.SEEN);
        assertThat(findings).anyMatch(finding -> finding.detail().contains("records differ"));
    }

    @Test
    void portableEnginesMustAgreeAndOthersNeedNot() throws Exception {
        TestingBackend portable = backend("a", Exactness.PORTABLE, Fault.NONE);
        List<Finding> broken = check(portable, backend("b", Exactness.PORTABLE, Fault.OTHER));
        assertThat(broken.get(broken.size() - 1).verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(broken.get(broken.size() - 1).engine()).isEqualTo("a, b");
        List<Finding> seen = check(portable, backend("b", Exactness.DEVICE, Fault.OTHER));
        assertThat(seen.get(seen.size() - 1).verdict()).isEqualTo(Verdict.SEEN);
        assertThat(seen.get(seen.size() - 1).detail()).contains("largest difference 0.500");
    }

    @Test
    void enginesOfThisMachineKeepTheirPromises() throws Exception {
        List<Finding> findings =
                ModelCheck.check(TestModels.mlp(6, 8, 3), EngineOptions.of("auto", 40, 1), 3);
        assertThat(findings).noneMatch(finding -> finding.verdict() == Verdict.BROKEN);
        assertThat(findings)
                .filteredOn(finding -> finding.engine().equals("cpu"))
                .hasSize(3)
                .allMatch(finding -> finding.verdict() == Verdict.KEPT);
    }

    @Test
    void stringsLabelsAndIndicesComeOutTheSameEverywhere() throws Exception {
        List<ModelArtifact> models =
                List.of(
                        TestModels.stringEncoder(),
                        TestModels.treeClassifier(5, 4, 3),
                        TestModels.embedding(4, 3, 2));
        for (ModelArtifact model : models) {
            List<Finding> findings = ModelCheck.check(model, EngineOptions.of("auto", 33, 1), 5);
            assertThat(findings).noneMatch(finding -> finding.verdict() == Verdict.BROKEN);
            Finding engines = findings.get(findings.size() - 1);
            assertThat(engines.engine()).isEqualTo("cpu, onnxruntime");
            assertThat(engines.detail())
                    .as(model.toString())
                    .matches("bits equal|.* 0 whole numbers differ; 0 NaN or infinite on one side");
        }
    }

    @Test
    void saysWhyNoEngineScoresTheModel() {
        assertThatThrownBy(() -> ModelCheck.check(ANY, EngineOptions.of("auto", 4, 1), 1))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("No engine scores any:1")
                .hasMessageContaining("not an ONNX model");
    }

    private static TestingBackend backend(String name, Exactness exactness, Fault fault) {
        return new TestingBackend(name, exactness, fault);
    }

    private static List<Finding> check(EngineBackend... backends) throws Exception {
        return ModelCheck.check(Arrays.asList(backends), ANY, EngineOptions.of("auto", 64, 1), 1);
    }
}
