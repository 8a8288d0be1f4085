package dev.millrace.gpu.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.ExportedModels;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch's own exports against ONNX Runtime, several records at once. */
class ExportedModelsTest {
    /** The smallest of the embeddings has so many rows. */
    private static final int IDENTIFIERS = 20;

    static List<ModelArtifact> models() throws IOException {
        return ExportedModels.all();
    }

    @ParameterizedTest
    @MethodSource("models")
    void areImportedAndScoreAsOnnxRuntimeDoes(ModelArtifact model) throws Exception {
        boolean half = model.version().name().startsWith("half");
        Plan plan =
                Against.ort(model, new Random(5))
                        .withIntegers(0, IDENTIFIERS)
                        .withRows(3)
                        .within(half ? 2e-3 : 1e-4, half ? 1e-3 : 2e-5)
                        .agrees();
        assertThat(plan.rowMode()).isEqualTo(Plan.RowMode.FIRST_DIMENSION);
    }
}
