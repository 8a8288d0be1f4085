package dev.millrace.gpu.lowering;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT64;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ViewOpsTest {
    private static final long SEED = 21;

    private final Random random = new Random(SEED);

    @Test
    void reshapesKeepRowsApart() throws Exception {
        new OneNode("Reshape", 14).input(FLOAT, ROWS, 6).longs(-1, 2, 3).agrees(random);
        new OneNode("Reshape", 14).input(FLOAT, ROWS, 2, 3).longs(0, -1).agrees(random);
        new OneNode("Reshape", 14).input(FLOAT, 2, 6).longs(3, -1, 2).agrees(random);
        assertThat(new OneNode("Reshape", 14).input(FLOAT, ROWS, 6).longs(1, 6).refusal())
                .hasMessageContaining("holds for one number of records only");
        assertThat(new OneNode("Reshape", 14).input(FLOAT, ROWS, 6).longs(2, -1).refusal())
                .hasMessageContaining("mixes records");
    }

    @Test
    void transposesAndFlattens() throws Exception {
        new OneNode("Transpose", 13)
                .input(FLOAT, ROWS, 2, 3, 4)
                .attribute("perm", 0, 3, 1, 2)
                .agrees(random);
        new OneNode("Transpose", 13).input(FLOAT, 2, 3, 4).agrees(random);
        new OneNode("Flatten", 13).input(FLOAT, ROWS, 2, 3).agrees(random);
        for (long axis = -3; axis <= 3; axis++) {
            new OneNode("Flatten", 13).input(FLOAT, 2, 3, 4).attribute("axis", axis).agrees(random);
        }
    }

    @Test
    void squeezesAndUnsqueezes() throws Exception {
        new OneNode("Squeeze", 13).input(FLOAT, ROWS, 1, 3, 1).longs(1, -1).agrees(random);
        new OneNode("Squeeze", 11)
                .input(FLOAT, ROWS, 1, 3)
                .attribute("axes", new long[] {1})
                .agrees(random);
        new OneNode("Squeeze", 13).input(FLOAT, 2, 1, 3, 1).agrees(random);
        new OneNode("Unsqueeze", 13).input(FLOAT, ROWS, 3).longs(-1, 1).agrees(random);
        new OneNode("Unsqueeze", 11).input(FLOAT, ROWS, 3).attribute("axes", 1, 3).agrees(random);
    }

    @Test
    void slices() throws Exception {
        new OneNode("Slice", 13)
                .input(FLOAT, ROWS, 5, 6)
                .longs(1, -2)
                .longs(4, -100)
                .longs(1, 2)
                .longs(2, -2)
                .agrees(random);
        new OneNode("Slice", 13)
                .input(FLOAT, ROWS, 5)
                .longs(0, 1)
                .longs(Long.MAX_VALUE, Long.MAX_VALUE)
                .agrees(random);
        new OneNode("Slice", 9)
                .input(FLOAT, ROWS, 5, 6)
                .attribute("axes", 2, 1)
                .attribute("starts", 1, -3)
                .attribute("ends", 1000, -1)
                .agrees(random);
        new OneNode("Slice", 13).input(FLOAT, 4, 5).longs(3).longs(1).agrees(random);
        assertThat(
                        new OneNode("Slice", 13)
                                .input(FLOAT, ROWS, 5)
                                .longs(0)
                                .longs(2)
                                .longs(0)
                                .refusal())
                .hasMessageContaining("mixes records");
    }

    @Test
    void concatenatesAndSplits() throws Exception {
        new OneNode("Concat", 13)
                .input(FLOAT, ROWS, 2, 3)
                .input(FLOAT, ROWS, 4, 3)
                .attribute("axis", -2L)
                .agrees(random);
        new OneNode("Split", 13)
                .input(FLOAT, ROWS, 7)
                .longs(1, 4, 2)
                .attribute("axis", 1L)
                .output(FLOAT)
                .output(FLOAT)
                .output(FLOAT)
                .agrees(random);
        new OneNode("Split", 18)
                .input(FLOAT, ROWS, 7)
                .attribute("axis", -1L)
                .attribute("num_outputs", 3L)
                .output(FLOAT)
                .output(FLOAT)
                .output(FLOAT)
                .agrees(random);
        new OneNode("Split", 11)
                .input(FLOAT, ROWS, 6)
                .attribute("axis", 1L)
                .output(FLOAT)
                .output(FLOAT)
                .agrees(random);
    }

    @Test
    void expandsAndTiles() throws Exception {
        new OneNode("Expand", 13).input(FLOAT, ROWS, 1, 3).longs(1, 4, 1).agrees(random);
        new OneNode("Expand", 13).input(FLOAT, 3, 1).longs(2, 1, 6).agrees(random);
        new OneNode("Tile", 13).input(FLOAT, ROWS, 2, 3).longs(1, 2, 3).agrees(random);
        new OneNode("Tile", 13).input(FLOAT, 2, 3).longs(3, 2).agrees(random);
    }

    @Test
    void pads() throws Exception {
        for (String mode : List.of("constant", "reflect", "edge")) {
            new OneNode("Pad", 13)
                    .input(FLOAT, ROWS, 3, 4)
                    .longs(0, 1, 2, 0, 2, 3)
                    .attribute("mode", mode)
                    .agrees(random);
        }
        new OneNode("Pad", 19)
                .input(FLOAT, ROWS, 3, 4)
                .longs(2, 1)
                .without()
                .longs(-1)
                .attribute("mode", "wrap")
                .agrees(random);
        new OneNode("Pad", 13)
                .input(FLOAT, ROWS, 3, 4)
                .longs(0, -1, 2, 0, 1, -1)
                .scalar(1.5f)
                .agrees(random);
        new OneNode("Pad", 10)
                .input(FLOAT, ROWS, 3)
                .attribute("pads", 0, 1, 0, 2)
                .attribute("value", 2.5f)
                .agrees(random);
    }

    @Test
    void movesBetweenDepthAndSpace() throws Exception {
        for (String mode : List.of("DCR", "CRD")) {
            new OneNode("DepthToSpace", 13)
                    .input(FLOAT, ROWS, 8, 2, 3)
                    .attribute("blocksize", 2L)
                    .attribute("mode", mode)
                    .agrees(random);
        }
        new OneNode("SpaceToDepth", 13)
                .input(FLOAT, ROWS, 2, 4, 6)
                .attribute("blocksize", 2L)
                .agrees(random);
    }

    @Test
    void trianglesKeepTheirSide() throws Exception {
        for (long upper = 0; upper < 2; upper++) {
            for (long diagonal = -2; diagonal < 3; diagonal++) {
                new OneNode("Trilu", 14)
                        .input(FLOAT, ROWS, 3, 4)
                        .scalar(diagonal)
                        .attribute("upper", upper)
                        .agrees(random);
            }
        }
    }

    @Test
    void extentsThatCountRecordsAreFollowed() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("heads");
        model.input("x", FLOAT, ROWS, 3, 8).output("y", FLOAT);
        model.node("Shape", List.of("x"), List.of("s"));
        model.longs("zero", new long[] {0}).longs("heads", new long[] {2}, 1);
        model.longs("rest", new long[] {-1}, 1).longs("axes", new long[] {0}, 1);
        model.node("Gather", List.of("s", "zero"), List.of("n"));
        model.node("Unsqueeze", List.of("n", "axes"), List.of("rows"));
        model.node("Mul", List.of("rows", "heads"), List.of("twice"));
        model.node(
                "Concat",
                List.of("twice", "rest"),
                List.of("split"),
                OnnxModelBuilder.attribute("axis", 0L));
        model.node("Reshape", List.of("x", "split"), List.of("torn"));
        model.node(
                "Concat",
                List.of("rows", "rest"),
                List.of("whole"),
                OnnxModelBuilder.attribute("axis", 0L));
        model.node("Reshape", List.of("torn", "whole"), List.of("y"));
        Plan plan = Against.ort(model.artifact(), random).agrees();
        assertThat(plan.steps()).hasSize(1);
    }

    @Test
    void expandsAlongTheRecords() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("token");
        model.input("x", FLOAT, ROWS, 3, 2).output("y", FLOAT);
        model.floats("token", new float[] {5, 6}, 1, 1, 2);
        model.longs("zero", new long[] {0}, 1).longs("one", new long[] {1}, 1);
        model.longs("minus", new long[] {-1, -1, -1}, 3).longs("ones", new long[] {1, 1, 1}, 3);
        model.longs("tail", new long[] {-1, -1}, 2);
        model.node("Shape", List.of("x"), List.of("s"));
        model.node("Slice", List.of("s", "zero", "one"), List.of("n"));
        model.node(
                "Concat",
                List.of("n", "tail"),
                List.of("open"),
                OnnxModelBuilder.attribute("axis", 0L));
        model.node("Equal", List.of("open", "minus"), List.of("is"));
        model.node("Where", List.of("is", "ones", "open"), List.of("shape"));
        model.node("Expand", List.of("token", "shape"), List.of("tokens"));
        model.node(
                "Concat",
                List.of("tokens", "x"),
                List.of("y"),
                OnnxModelBuilder.attribute("axis", 1L));
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void computingWithTheNumberOfRecordsIsRefused() {
        OnnxModelBuilder model = new OnnxModelBuilder("count");
        model.input("x", FLOAT, ROWS, 3).output("y", INT64);
        model.node("Shape", List.of("x"), List.of("s"));
        model.longs("one", new long[] {1}, 1);
        model.node("Add", List.of("s", "one"), List.of("y"));
        assertThat(
                        assertThrows(
                                NotCoveredException.class,
                                () ->
                                        PlanImporter.importModel(
                                                model.artifact(), EngineOptions.of("cpu", 1, 1))))
                .hasMessageContaining("'Add_y' (Add): it computes with the number of records");
    }

    @Test
    void shapesThatComeWithTheRecordNameTheInputToFix() {
        NotCoveredException refusal =
                new OneNode("Reshape", 14).input(FLOAT, 2, 6).input(INT64, 2).refusal();
        assertThat(refusal.neededInput()).isEqualTo("x1");
        assertThat(refusal).hasMessageContaining("make input 'x1' a constant of the model");
    }
}
