package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Convolutions and pooling of random shapes against ONNX Runtime. */
class WindowOpsTest {
    private static final String[] AUTO_PADS = {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};

    private static final AtomicLong SEEDS = new AtomicLong(1);

    private final long seed = SEEDS.getAndIncrement();
    private final Random random = new Random(seed);

    WindowOpsTest() {
        System.out.println("WindowOpsTest seed " + seed);
    }

    /** Random extents of a window that has at least one place. */
    private final class Case {
        final int rank = between(1, 3);
        final int[] image = many(rank, 1, rank == 3 ? 6 : 9);
        final int[] kernel = many(rank, 1, 3);
        final int[] strides = many(rank, 1, 3);
        final int[] dilations = many(rank, 1, 2);
        final int[] pads = new int[2 * rank];
        final String autoPad = AUTO_PADS[random.nextInt(3) == 0 ? between(1, 3) : 0];

        Case(boolean pooling) {
            for (int i = 0; i < rank; i++) {
                int most = pooling ? kernel[i] - 1 : 2;
                pads[i] = between(0, most);
                pads[rank + i] = between(0, most);
                if (!autoPad.equals("NOTSET")) {
                    dilations[i] = 1;
                    pads[i] = 0;
                    pads[rank + i] = 0;
                }
                int span = (kernel[i] - 1) * dilations[i] + 1;
                image[i] = Math.max(image[i], span);
            }
        }

        List<AttributeProto> attributes() {
            List<AttributeProto> all = new ArrayList<>();
            all.add(attribute("kernel_shape", longs(kernel)));
            all.add(attribute("strides", longs(strides)));
            all.add(attribute("dilations", longs(dilations)));
            if (autoPad.equals("NOTSET")) {
                all.add(attribute("pads", longs(pads)));
            } else {
                all.add(attribute("auto_pad", autoPad));
            }
            return all;
        }

        @Override
        public String toString() {
            return "image %s kernel %s strides %s dilations %s pads %s %s"
                    .formatted(
                            Arrays.toString(image),
                            Arrays.toString(kernel),
                            Arrays.toString(strides),
                            Arrays.toString(dilations),
                            Arrays.toString(pads),
                            autoPad);
        }
    }

    @RepeatedTest(20)
    void convolutionsAgree() throws Exception {
        Case window = new Case(false);
        int groups = between(1, 3);
        int outputs = groups * between(1, 3);
        int channels = between(1, 3);
        OnnxModelBuilder model = image("conv", groups * channels, window.image);
        int[] kernel = Shapes.concat(new int[] {outputs, channels}, window.kernel);
        model.floats("w", floats(Shapes.elements(kernel)), longs(kernel));
        List<String> inputs = new ArrayList<>(List.of("x", "w"));
        if (random.nextBoolean()) {
            model.floats("b", floats(outputs), outputs);
            inputs.add("b");
        }
        List<AttributeProto> attributes = window.attributes();
        attributes.add(attribute("group", (long) groups));
        model.node("Conv", inputs, List.of("c"), attributes.toArray(AttributeProto[]::new));
        model.node("Relu", List.of("c"), List.of("y"));
        check(model, window);
    }

    @RepeatedTest(20)
    void transposedConvolutionsAgree() throws Exception {
        Case window = new Case(false);
        int groups = between(1, 2);
        int channels = groups * between(1, 3);
        int outputs = between(1, 3);
        if (!window.autoPad.equals("NOTSET")) {
            for (int i = 0; i < window.rank; i++) {
                window.kernel[i] = Math.max(window.kernel[i], window.strides[i]);
            }
        }
        OnnxModelBuilder model = image("transposed", channels, window.image);
        int[] kernel = Shapes.concat(new int[] {channels, outputs}, window.kernel);
        model.floats("w", floats(Shapes.elements(kernel)), longs(kernel));
        List<String> inputs = new ArrayList<>(List.of("x", "w"));
        if (random.nextBoolean()) {
            model.floats("b", floats(groups * outputs), (long) groups * outputs);
            inputs.add("b");
        }
        int[] extra = new int[window.rank];
        for (int i = 0; i < window.rank; i++) {
            int span = (window.kernel[i] - 1) * window.dilations[i] + 1;
            window.pads[i] = Math.min(window.pads[i], (span - 1) / 2);
            window.pads[window.rank + i] = Math.min(window.pads[window.rank + i], (span - 1) / 2);
            extra[i] = between(0, window.strides[i] - 1);
        }
        List<AttributeProto> attributes = window.attributes();
        attributes.add(attribute("group", (long) groups));
        if (window.autoPad.equals("NOTSET")) {
            attributes.add(attribute("output_padding", longs(extra)));
        }
        model.node(
                "ConvTranspose", inputs, List.of("y"), attributes.toArray(AttributeProto[]::new));
        check(model, window);
    }

    @Test
    void transposedConvolutionsReachAnOutputShape() throws Exception {
        for (String autoPad : new String[] {"NOTSET", "SAME_UPPER", "SAME_LOWER"}) {
            OnnxModelBuilder model = image("shaped", 2, new int[] {4, 5});
            model.floats("w", floats(2 * 3 * 9), 2, 3, 3, 3);
            model.node(
                    "ConvTranspose",
                    List.of("x", "w"),
                    List.of("y"),
                    attribute("strides", new long[] {3, 2}),
                    attribute("auto_pad", autoPad),
                    attribute("output_shape", new long[] {10, 8}));
            Against.ort(model.artifact(), random).agrees();
        }
    }

    @RepeatedTest(20)
    void poolingAgrees() throws Exception {
        for (String operator : new String[] {"MaxPool", "AveragePool", "LpPool"}) {
            Case window = new Case(true);
            if (operator.equals("LpPool")) {
                Arrays.fill(window.dilations, 1);
            }
            OnnxModelBuilder model = image(operator, 2, window.image).opsets(19, 3);
            List<AttributeProto> attributes = window.attributes();
            boolean ceil = random.nextBoolean() && window.autoPad.equals("NOTSET");
            attributes.add(attribute("ceil_mode", ceil ? 1L : 0L));
            if (operator.equals("AveragePool")) {
                attributes.add(attribute("count_include_pad", (long) random.nextInt(2)));
            }
            if (operator.equals("LpPool")) {
                attributes.add(attribute("p", (long) between(1, 3)));
            }
            model.node(
                    operator,
                    List.of("x"),
                    List.of("y"),
                    attributes.toArray(AttributeProto[]::new));
            check(model, window + " " + operator + " " + attributes.subList(4, attributes.size()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"})
    void globalPoolingAgrees(String operator) throws Exception {
        OnnxModelBuilder model = image(operator, 3, many(2, 1, 9));
        model.node(operator, List.of("x"), List.of("y"));
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void positionsOfMaximaAgreeWhereNoRecordsAreCounted() throws Exception {
        for (long storageOrder = 0; storageOrder < 2; storageOrder++) {
            OnnxModelBuilder model = new OnnxModelBuilder("positions");
            model.input("x", DataType.FLOAT, 2, 3, 7, 8).output("y", DataType.FLOAT);
            model.output("i", DataType.INT64);
            positions(model, storageOrder);
            Against.ort(model.artifact(), random).agrees();
        }
    }

    @Test
    void positionsOfMaximaCountedOverRecordsAreRefused() {
        OnnxModelBuilder model = image("positions", 3, new int[] {7, 8});
        model.output("i", DataType.INT64);
        positions(model, 0);
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining(
                        "(MaxPool): positions of maxima are counted over all records");
    }

    private static void positions(OnnxModelBuilder model, long storageOrder) {
        model.node(
                "MaxPool",
                List.of("x"),
                List.of("y", "i"),
                attribute("kernel_shape", new long[] {3, 2}),
                attribute("strides", new long[] {2, 1}),
                attribute("pads", new long[] {1, 0, 1, 1}),
                attribute("storage_order", storageOrder));
    }

    @Test
    void kernelsThatDoNotFitAreRefused() {
        OnnxModelBuilder model = image("misfit", 3, new int[] {5, 5});
        model.floats("w", floats(2 * 2 * 9), 2, 2, 3, 3);
        model.node("Conv", List.of("x", "w"), List.of("y"));
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("'Conv_y' (Conv)")
                .hasMessageContaining("do not fit 3 channels in 1 groups");
    }

    private void check(OnnxModelBuilder model, Object window) throws Exception {
        try {
            Plan plan = Against.ort(model.artifact(), random).within(1e-4, 1e-4).agrees();
            assertThat(plan.steps()).isNotEmpty();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed %d, %s".formatted(seed, window), e);
        }
    }

    private static OnnxModelBuilder image(String name, int channels, int[] extents) {
        OnnxModelBuilder model = new OnnxModelBuilder(name);
        model.input("x", DataType.FLOAT, Shapes.concat(new int[] {ROWS, channels}, extents));
        return model.output("y", DataType.FLOAT);
    }

    private int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    private int[] many(int count, int least, int most) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = between(least, most);
        }
        return values;
    }

    private static long[] longs(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    private float[] floats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
