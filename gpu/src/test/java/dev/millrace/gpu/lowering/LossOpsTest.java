package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses against ONNX Runtime. */
class LossOpsTest {
    private static final long SEED = 53;
    private static final String LIKELIHOOD = "NegativeLogLikelihoodLoss";
    private static final String CROSS_ENTROPY = "SoftmaxCrossEntropyLoss";

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @ValueSource(strings = {LIKELIHOOD, CROSS_ENTROPY})
    void lossesOfEachRecordAgree(String operator) throws Exception {
        for (long ignored = -1; ignored < 2; ignored++) {
            OnnxModelBuilder model = new OnnxModelBuilder("loss");
            model.input("x", DataType.FLOAT, ROWS, 4, 3).input("t", DataType.INT64, ROWS, 3);
            model.floats("w", new float[] {0.5f, 1, 2, 3}, 4);
            model.node(
                    operator,
                    List.of("x", "t", "w"),
                    List.of("y"),
                    attribute("reduction", "none"),
                    attribute("ignore_index", ignored));
            model.output("y", DataType.FLOAT);
            Against.ort(model.artifact(), random).withIntegers(0, 4).withRows(6).agrees();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sum", "mean"})
    void lossesOfOneWholeSetOfInputsAddUp(String reduction) throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("loss");
        model.input("x", DataType.FLOAT, 5, 4).input("t", DataType.INT64, 5);
        model.floats("w", new float[] {0.5f, 1, 2, 3}, 4);
        model.node(
                CROSS_ENTROPY,
                List.of("x", "t", "w"),
                List.of("y", "p"),
                attribute("reduction", reduction));
        model.output("y", DataType.FLOAT).output("p", DataType.FLOAT);
        Against.ort(model.artifact(), random).withIntegers(0, 4).agrees();
    }

    @Test
    void lossesOfAllRecordsTogetherAreRefused() {
        OnnxModelBuilder model = new OnnxModelBuilder("loss");
        model.input("x", DataType.FLOAT, ROWS, 4).input("t", DataType.INT64, ROWS);
        model.node(LIKELIHOOD, List.of("x", "t"), List.of("y"));
        model.output("y", DataType.FLOAT);
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("it adds up the losses of all records");
    }
}
