package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearOpsTest {
    private static final long SEED = 11;

    private final Random random = new Random(SEED);

    @Test
    void gemmWithEveryAttributeAgrees() throws Exception {
        for (long transB = 0; transB < 2; transB++) {
            for (float alpha : new float[] {1, 0.5f}) {
                OnnxModelBuilder model = new OnnxModelBuilder("gemm");
                model.input("x", DataType.FLOAT, ROWS, 5).output("y", DataType.FLOAT, ROWS, 4);
                model.floats("w", randomFloats(20), transB == 1 ? 4 : 5, transB == 1 ? 5 : 4);
                model.floats("b", randomFloats(4), 1, 4);
                model.node(
                        "Gemm",
                        List.of("x", "w", "b"),
                        List.of("y"),
                        attribute("transB", transB),
                        attribute("alpha", alpha),
                        attribute("beta", 0.25f));
                Against.ort(model.artifact(), random).agrees();
            }
        }
    }

    @Test
    void denseLayerWithActivationIsOneStep() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("layer");
        model.input("x", DataType.FLOAT, ROWS, 5).output("y", DataType.FLOAT, ROWS, 4);
        model.floats("w", randomFloats(20), 5, 4).floats("b", randomFloats(4), 4);
        model.node("MatMul", List.of("x", "w"), List.of("p"));
        model.node("Add", List.of("p", "b"), List.of("s"));
        model.node("Relu", List.of("s"), List.of("y"));
        Plan plan = Against.ort(model.artifact(), random).agrees();
        assertThat(plan.steps()).hasSize(1);
        assertThat(plan.steps().get(0).origin())
                .isEqualTo("MatMul 'MatMul_p' + Add 'Add_s' + Relu 'Relu_y'");
    }

    @Test
    void matricesOfEveryRankMultiply() throws Exception {
        int[][][] shapes = {
            {{3, 4}, {4, 5}},
            {{4}, {4, 5}},
            {{3, 4}, {4}},
            {{4}, {4}},
            {{2, 3, 4}, {4, 5}},
            {{2, 3, 4}, {2, 4, 5}},
            {{2, 1, 3, 4}, {5, 4, 2}},
            {{3, 4}, {2, 4, 5}},
            {{4}, {2, 4, 5}},
            {{2, 3, 4}, {4}},
            {{1, 1}, {1, 1}}
        };
        for (int[][] pair : shapes) {
            OnnxModelBuilder model = new OnnxModelBuilder("matmul");
            model.input("a", DataType.FLOAT, pair[0]).input("b", DataType.FLOAT, pair[1]);
            model.output("y", DataType.FLOAT);
            model.node("MatMul", List.of("a", "b"), List.of("y"));
            Against.ort(model.artifact(), random).agrees();
        }
    }

    @Test
    void constantMatrixOnTheLeftMultiplies() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("left");
        model.input("x", DataType.FLOAT, ROWS, 4, 3).output("y", DataType.FLOAT, ROWS, 5, 3);
        model.floats("w", randomFloats(20), 5, 4);
        model.node("MatMul", List.of("w", "x"), List.of("y"));
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void mixingRecordsIsRefusedByName() {
        OnnxModelBuilder model = new OnnxModelBuilder("mixing");
        model.input("x", DataType.FLOAT, ROWS, 4).output("y", DataType.FLOAT, 4, 4);
        model.node("Gemm", List.of("x", "x"), List.of("y"), attribute("transA", 1L));
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("'Gemm_y' (Gemm)")
                .hasMessageContaining("mixes records");
    }

    private float[] randomFloats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
