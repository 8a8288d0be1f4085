package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Resizing against ONNX Runtime. */
class ResizeOpsTest {
    private static final AtomicLong SEEDS = new AtomicLong(1);

    private final long seed = SEEDS.getAndIncrement();
    private final Random random = new Random(seed);

    ResizeOpsTest() {
        System.out.println("ResizeOpsTest seed " + seed);
    }

    private static final String[] COORDINATES = {
        "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"
    };

    @RepeatedTest(12)
    void sizesAgree() throws Exception {
        String mode = List.of("nearest", "linear", "cubic").get(random.nextInt(3));
        OnnxModelBuilder model = image().opsets(19, 3);
        model.longs("sizes", new long[] {1 + random.nextInt(12), 1 + random.nextInt(12)}, 2);
        List<AttributeProto> attributes = new ArrayList<>();
        attributes.add(attribute("mode", mode));
        attributes.add(attribute("axes", new long[] {2, 3}));
        attributes.add(attribute("coordinate_transformation_mode", COORDINATES[random.nextInt(5)]));
        if (mode.equals("nearest")) {
            String[] nearest = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
            attributes.add(attribute("nearest_mode", nearest[random.nextInt(4)]));
        }
        if (mode.equals("cubic")) {
            attributes.add(attribute("cubic_coeff_a", -0.5f));
            attributes.add(attribute("exclude_outside", (long) random.nextInt(2)));
        }
        model.node(
                "Resize",
                List.of("x", "", "", "sizes"),
                List.of("y"),
                attributes.toArray(AttributeProto[]::new));
        try {
            Against.ort(model.artifact(), random).within(1e-4, 1e-4).agrees();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed %d: %s %s".formatted(seed, mode, attributes), e);
        }
    }

    /** Of nine elements made of seven, the fifth lies on the fourth. */
    @ParameterizedTest
    @CsvSource({"half_pixel", "half_pixel_symmetric"})
    void placesThatFallOnAnElementTakeIt(String coordinates) throws Exception {
        for (String nearest : List.of("floor", "ceil")) {
            OnnxModelBuilder model = image().opsets(19, 3);
            model.longs("sizes", new long[] {5, 9}, 2);
            model.node(
                    "Resize",
                    List.of("x", "", "", "sizes"),
                    List.of("y"),
                    attribute("mode", "nearest"),
                    attribute("axes", new long[] {2, 3}),
                    attribute("coordinate_transformation_mode", coordinates),
                    attribute("nearest_mode", nearest));
            Against.ort(model.artifact(), random).agrees();
        }
    }

    @ParameterizedTest
    @CsvSource({"11, nearest", "11, linear", "13, linear", "18, cubic"})
    void scalesAgree(int opset, String mode) throws Exception {
        OnnxModelBuilder model = image().opsets(opset, 3);
        model.floats("roi", new float[0], 0).floats("scales", new float[] {1, 1, 2, 3}, 4);
        model.node(
                "Resize",
                List.of("x", "roi", "scales"),
                List.of("y"),
                attribute("mode", mode),
                attribute("coordinate_transformation_mode", "asymmetric"));
        Against.ort(model.artifact(), random).within(1e-4, 1e-4).agrees();
    }

    @ParameterizedTest
    @CsvSource({"linear", "cubic"})
    void antialiasingAgrees(String mode) throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("resize").opsets(18, 3);
        model.input("x", DataType.FLOAT, ROWS, 2, 12, 15).output("y", DataType.FLOAT);
        model.floats("scales", new float[] {1, 1, 0.5f, 1 / 3f}, 4);
        model.node(
                "Resize",
                List.of("x", "", "scales"),
                List.of("y"),
                attribute("mode", mode),
                attribute("antialias", 1L));
        Against.ort(model.artifact(), random).within(1e-3, 1e-3).agrees();
    }

    @ParameterizedTest
    @CsvSource({"nearest", "linear"})
    void upsamplingAgrees(String mode) throws Exception {
        OnnxModelBuilder model = image().opsets(9, 1);
        model.floats("scales", new float[] {1, 1, 2, 3}, 4);
        model.node("Upsample", List.of("x", "scales"), List.of("y"), attribute("mode", mode));
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void croppingAndPaddingAgree() throws Exception {
        for (int i = 0; i < 4; i++) {
            OnnxModelBuilder model = image().opsets(18, 3);
            model.longs("shape", new long[] {1 + random.nextInt(12), 1 + random.nextInt(12)}, 2);
            model.node(
                    "CenterCropPad",
                    List.of("x", "shape"),
                    List.of("y"),
                    attribute("axes", new long[] {2, 3}));
            Against.ort(model.artifact(), random).agrees();
        }
    }

    @Test
    void resizingTheRowsIsRefused() {
        OnnxModelBuilder model = image().opsets(13, 3);
        model.floats("scales", new float[] {2, 1, 2, 2}, 4);
        model.node("Resize", List.of("x", "", "scales"), List.of("y"));
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("(Resize)")
                .hasMessageContaining("mixes records");
    }

    private static OnnxModelBuilder image() {
        OnnxModelBuilder model = new OnnxModelBuilder("resize");
        return model.input("x", DataType.FLOAT, ROWS, 2, 5, 7).output("y", DataType.FLOAT);
    }
}
