package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.lowering.Against.Values;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quantised operators against ONNX Runtime; integers must be equal. */
class QuantizationOpsTest {
    private static final AtomicLong SEEDS = new AtomicLong(1);

    private final long seed = SEEDS.getAndIncrement();
    private final Random random = new Random(seed);

    QuantizationOpsTest() {
        System.out.println("QuantizationOpsTest seed " + seed);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"INT8", "UINT8"})
    void quantisingAndBackAgrees(DataType type) throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("there").opsets(13, 3);
        model.input("x", DataType.FLOAT, ROWS, 3, 4);
        model.output("q", type).output("y", DataType.FLOAT);
        model.floats("scale", new float[] {0.1f, 0.02f, 0.5f}, 3);
        model.integers("zero", type, new long[] {3, 0, 7}, 3);
        for (String[] node :
                new String[][] {{"QuantizeLinear", "x", "q"}, {"DequantizeLinear", "q", "y"}}) {
            model.node(
                    node[0],
                    List.of(node[1], "scale", "zero"),
                    List.of(node[2]),
                    attribute("axis", 1L));
        }
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void saturatesAndRoundsHalvesToEven() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("odd");
        model.input("x", DataType.FLOAT, ROWS, 40).output("q", DataType.INT8);
        model.floats("scale", new float[] {2});
        model.integers("zero", DataType.INT8, new long[] {0});
        model.node("QuantizeLinear", List.of("x", "scale", "zero"), List.of("q"));
        Plan plan = PlanImporter.importModel(model.artifact(), EngineOptions.of("cpu", 1, 1));
        assertThat(plan.steps()).hasSize(1);
        float[] x = {1, 3, 5, -1, -3, 1e30f, -1e30f, Float.POSITIVE_INFINITY, Float.NaN, 254, 255};
        long[] expected = {0, 2, 2, 0, -2, 127, -128, 127, 0, 127, 127};
        ByteBuffer in = buffer(160);
        ByteBuffer out = buffer(40);
        for (int i = 0; i < x.length; i++) {
            in.putFloat(4 * i, x[i]);
        }
        new PlanInterpreter(plan, 1).run(new ByteBuffer[] {in}, new ByteBuffer[] {out}, 0, 1);
        for (int i = 0; i < x.length; i++) {
            assertThat(out.get(i)).as("%s", x[i]).isEqualTo((byte) expected[i]);
        }
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @Test
    void blocksAgree() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("blocks").opsets(21, 3);
        model.input("q", DataType.INT8, ROWS, 5, 2).output("y", DataType.FLOAT);
        model.floats("scale", new float[] {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f}, 1, 3, 2);
        model.integers("zero", DataType.INT8, new long[] {1, 2, 3, 4, 5, 6}, 1, 3, 2);
        model.node(
                "DequantizeLinear",
                List.of("q", "scale", "zero"),
                List.of("y"),
                attribute("axis", 1L),
                attribute("block_size", 2L));
        Against.ort(model.artifact(), random).withRows(1).withIntegers(-128, 128).agrees();
    }

    @RepeatedTest(4)
    void integerProductsAgree() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("products");
        model.input("a", DataType.UINT8, ROWS, 3, 5).output("y", DataType.INT32);
        model.integers("b", DataType.INT8, integers(20, -128, 128), 5, 4);
        model.integers("za", DataType.UINT8, integers(1, 0, 256));
        model.integers("zb", DataType.INT8, integers(4, -128, 128), 4);
        model.node("MatMulInteger", List.of("a", "b", "za", "zb"), List.of("y"));
        Plan plan = Against.ort(model.artifact(), random).withIntegers(0, 256).agrees();
        assertThat(plan.steps().get(plan.steps().size() - 1))
                .isInstanceOfSatisfying(
                        Step.Contraction.class, step -> assertThat(step.smallIntegers()).isTrue());
    }

    @RepeatedTest(4)
    void quantisedProductsAgree() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("products");
        model.input("a", DataType.UINT8, ROWS, 7).output("y", DataType.UINT8);
        model.floats("sa", new float[] {0.05f}).floats("sb", new float[] {0.1f, 0.2f, 0.3f}, 3);
        model.floats("sy", new float[] {2.5f});
        model.integers("za", DataType.UINT8, integers(1, 0, 256));
        model.integers("b", DataType.INT8, integers(21, -128, 128), 7, 3);
        model.integers("zb", DataType.INT8, new long[3], 3);
        model.integers("zy", DataType.UINT8, integers(1, 0, 256));
        model.node(
                "QLinearMatMul",
                List.of("a", "sa", "za", "b", "sb", "zb", "sy", "zy"),
                List.of("y"));
        Against.ort(model.artifact(), random).withIntegers(0, 256).agrees();
    }

    @RepeatedTest(6)
    void quantisedConvolutionsAgree() throws Exception {
        int groups = 1 + random.nextInt(2);
        OnnxModelBuilder model = new OnnxModelBuilder("convolution");
        model.input("x", DataType.UINT8, ROWS, 2 * groups, 6, 5).output("y", DataType.UINT8);
        int outputs = 2 * groups;
        model.integers("w", DataType.INT8, integers(outputs * 2 * 9, -128, 128), outputs, 2, 3, 3);
        model.floats("sx", new float[] {0.05f}).floats("sy", new float[] {3.5f});
        float[] scales = new float[outputs];
        for (int i = 0; i < outputs; i++) {
            scales[i] = 0.1f + random.nextFloat();
        }
        model.floats("sw", scales, outputs);
        model.integers("zx", DataType.UINT8, integers(1, 0, 256));
        model.integers("zw", DataType.INT8, new long[outputs], outputs);
        model.integers("zy", DataType.UINT8, integers(1, 0, 256));
        model.integers("b", DataType.INT32, integers(outputs, -3000, 3000), outputs);
        model.node(
                "QLinearConv",
                List.of("x", "sx", "zx", "w", "sw", "zw", "sy", "zy", "b"),
                List.of("y"),
                attribute("group", (long) groups),
                attribute("pads", new long[] {1, 0, 2, 1}),
                attribute("strides", new long[] {1 + random.nextInt(2), 1}));
        Against.ort(model.artifact(), random).withIntegers(0, 256).agrees();
    }

    @Test
    void integerConvolutionsAgree() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("convolution");
        model.input("x", DataType.UINT8, ROWS, 2, 6, 5).output("y", DataType.INT32);
        model.integers("w", DataType.UINT8, integers(3 * 2 * 4, 0, 256), 3, 2, 2, 2);
        model.integers("zx", DataType.UINT8, integers(1, 0, 256));
        model.integers("zw", DataType.UINT8, integers(1, 0, 256));
        model.node(
                "ConvInteger",
                List.of("x", "w", "zx", "zw"),
                List.of("y"),
                attribute("auto_pad", "SAME_UPPER"));
        Against.ort(model.artifact(), random).withIntegers(0, 256).agrees();
    }

    @Test
    void rangesComeFromOneWholeSetOfInputs() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("range");
        model.input("x", DataType.FLOAT, 3, 5).output("y", DataType.UINT8);
        model.output("s", DataType.FLOAT).output("z", DataType.UINT8);
        model.node("DynamicQuantizeLinear", List.of("x"), List.of("y", "s", "z"));
        Against.ort(model.artifact(), random).agrees();
        Against.ort(model.artifact(), random).with(Values.POSITIVE).agrees();
    }

    @Test
    void rangesOverRecordsAreRefused() {
        OnnxModelBuilder model = new OnnxModelBuilder("range");
        model.input("x", DataType.FLOAT, ROWS, 5).output("y", DataType.UINT8);
        model.node("DynamicQuantizeLinear", List.of("x"), List.of("y", "s", "z"));
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("its scale would come from all records");
    }

    private long[] integers(int count, int from, int to) {
        return random.longs(count, from, to).toArray();
    }
}
