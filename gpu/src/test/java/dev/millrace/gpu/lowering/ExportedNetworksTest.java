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
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Small networks put together node by node as PyTorch's and Keras's exporters do. */
class ExportedNetworksTest {
    private static final long SEED = 71;

    private final Random random = new Random(SEED);
    private final OnnxModelBuilder model = new OnnxModelBuilder("network");

    private OnnxModelBuilder node(
            String operator, List<String> inputs, String output, AttributeProto... attributes) {
        return model.node(operator, inputs, List.of(output), attributes);
    }

    private void weights(String name, int... shape) {
        float[] values = new float[Shapes.elements(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 3;
        }
        model.floats(name, values, Shapes.boxed(shape).stream().mapToLong(i -> i).toArray());
    }

    private void transpose(String from, String to, long... order) {
        node("Transpose", List.of(from), to, attribute("perm", order));
    }

    /** The batch's extent, as PyTorch finds it out. */
    private void batchSize(String of, String name) {
        model.longs(name + ".zero", new long[] {0});
        node("Shape", List.of(of), name + ".shape");
        node("Gather", List.of(name + ".shape", name + ".zero"), name, attribute("axis", 0L));
        model.longs(name + ".axes", new long[] {0}, 1);
        node("Unsqueeze", List.of(name, name + ".axes"), name + ".1");
    }

    @Test
    void convolutionalNetworkOfPytorch() throws Exception {
        model.input("x", DataType.FLOAT, ROWS, 1, 12, 12).output("y", DataType.FLOAT);
        weights("w1", 4, 1, 3, 3);
        weights("b1", 4);
        node(
                "Conv",
                List.of("x", "w1", "b1"),
                "c1",
                attribute("kernel_shape", new long[] {3, 3}),
                attribute("pads", new long[] {1, 1, 1, 1}));
        weights("scale", 4);
        weights("shift", 4);
        weights("mean", 4);
        model.floats("variance", new float[] {1, 2, 3, 4}, 4);
        node("BatchNormalization", List.of("c1", "scale", "shift", "mean", "variance"), "n1");
        node("Relu", List.of("n1"), "r1");
        node(
                "MaxPool",
                List.of("r1"),
                "p1",
                attribute("kernel_shape", new long[] {2, 2}),
                attribute("strides", new long[] {2, 2}));
        weights("w2", 4, 1, 3, 3);
        node(
                "Conv",
                List.of("p1", "w2"),
                "c2",
                attribute("group", 4L),
                attribute("pads", new long[] {1, 1, 1, 1}));
        weights("w3", 8, 4, 1, 1);
        weights("b3", 8);
        node("Conv", List.of("c2", "w3", "b3"), "c3");
        model.floats("low", new float[] {0}).floats("high", new float[] {6});
        node("Clip", List.of("c3", "low", "high"), "r3");
        node("GlobalAveragePool", List.of("r3"), "g");
        node("Flatten", List.of("g"), "f", attribute("axis", 1L));
        weights("w4", 3, 8);
        weights("b4", 3);
        node("Gemm", List.of("f", "w4", "b4"), "l", attribute("transB", 1L));
        node("Softmax", List.of("l"), "y", attribute("axis", 1L));
        Plan plan = Against.ort(model.artifact(), random).withRows(5).agrees();
        assertThat(plan.rowMode()).isEqualTo(Plan.RowMode.FIRST_DIMENSION);
    }

    @Test
    void convolutionalNetworkOfKeras() throws Exception {
        model.input("x", DataType.FLOAT, ROWS, 10, 10, 2).output("y", DataType.FLOAT);
        transpose("x", "t", 0, 3, 1, 2);
        weights("w1", 4, 2, 3, 3);
        weights("b1", 4);
        node(
                "Conv",
                List.of("t", "w1", "b1"),
                "c1",
                attribute("auto_pad", "SAME_UPPER"),
                attribute("strides", new long[] {2, 2}));
        node("Relu", List.of("c1"), "r1");
        node(
                "AveragePool",
                List.of("r1"),
                "p1",
                attribute("auto_pad", "SAME_UPPER"),
                attribute("kernel_shape", new long[] {2, 2}),
                attribute("strides", new long[] {2, 2}));
        transpose("p1", "u", 0, 2, 3, 1);
        model.longs("shape", new long[] {-1, 36}, 2);
        node("Reshape", List.of("u", "shape"), "f");
        weights("w2", 36, 5);
        weights("b2", 5);
        node("MatMul", List.of("f", "w2"), "m");
        node("Add", List.of("m", "b2"), "l");
        node("Softmax", List.of("l"), "y", attribute("axis", -1L));
        Against.ort(model.artifact(), random).withRows(5).agrees();
    }

    @Test
    void convolutionalAutoencoder() throws Exception {
        model.input("x", DataType.FLOAT, ROWS, 1, 8, 8).output("error", DataType.FLOAT);
        weights("w1", 4, 1, 3, 3);
        node(
                "Conv",
                List.of("x", "w1"),
                "c1",
                attribute("strides", new long[] {2, 2}),
                attribute("pads", new long[] {1, 1, 1, 1}));
        node("LeakyRelu", List.of("c1"), "r1", attribute("alpha", 0.2f));
        weights("w2", 4, 3, 3, 3);
        weights("b2", 3);
        node(
                "ConvTranspose",
                List.of("r1", "w2", "b2"),
                "d1",
                attribute("strides", new long[] {2, 2}),
                attribute("pads", new long[] {1, 1, 1, 1}),
                attribute("output_padding", new long[] {1, 1}));
        node("Relu", List.of("d1"), "r2");
        weights("w3", 1, 3, 3, 3);
        model.floats("scales", new float[] {1, 1, 0.5f, 0.5f}, 4);
        model.floats("back", new float[] {1, 1, 2, 2}, 4);
        node("Resize", List.of("r2", "", "scales"), "small", attribute("mode", "linear"));
        node(
                "Resize",
                List.of("small", "", "back"),
                "large",
                attribute("mode", "nearest"),
                attribute("coordinate_transformation_mode", "asymmetric"),
                attribute("nearest_mode", "floor"));
        node("Conv", List.of("large", "w3"), "c3", attribute("pads", new long[] {1, 1, 1, 1}));
        node("Sigmoid", List.of("c3"), "decoded");
        node("Sub", List.of("decoded", "x"), "difference");
        node("Mul", List.of("difference", "difference"), "square");
        node(
                "ReduceMean",
                List.of("square"),
                "error",
                attribute("axes", new long[] {1, 2, 3}),
                attribute("keepdims", 0L));
        Against.ort(model.artifact(), random).withRows(4).agrees();
    }

    @Test
    void longShortTermMemoryClassifierOfPytorch() throws Exception {
        model.input("tokens", DataType.INT64, ROWS, 6).output("y", DataType.FLOAT);
        weights("embedding", 11, 4);
        node("Gather", List.of("embedding", "tokens"), "e");
        transpose("e", "t", 1, 0, 2);
        batchSize("tokens", "n");
        model.longs("two", new long[] {2}, 1).longs("hidden", new long[] {5}, 1);
        node("Concat", List.of("two", "n.1", "hidden"), "state", attribute("axis", 0L));
        node("ConstantOfShape", List.of("state"), "h0");
        weights("w", 2, 20, 4);
        weights("r", 2, 20, 5);
        weights("b", 2, 40);
        model.node(
                "LSTM",
                List.of("t", "w", "r", "b", "", "h0", "h0"),
                List.of("all", "last", "memory"),
                attribute("hidden_size", 5L),
                attribute("direction", "bidirectional"));
        transpose("all", "a", 0, 2, 1, 3);
        model.longs("merged", new long[] {0, 0, -1}, 3);
        node("Reshape", List.of("a", "merged"), "m");
        transpose("m", "first", 1, 0, 2);
        model.longs("minus", new long[] {-1}, 1);
        model.longs("end", new long[] {Long.MAX_VALUE}, 1);
        model.longs("axis", new long[] {1}, 1);
        node("Slice", List.of("first", "minus", "end", "axis"), "s");
        node("Squeeze", List.of("s", "axis"), "q");
        weights("w2", 3, 10);
        weights("b2", 3);
        node("Gemm", List.of("q", "w2", "b2"), "l", attribute("transB", 1L));
        node("LogSoftmax", List.of("l"), "y", attribute("axis", 1L));
        Against.ort(model.artifact(), random).withIntegers(0, 11).withRows(5).agrees();
    }

    @Test
    void gatedRecurrentRegressorOfKeras() throws Exception {
        model.input("x", DataType.FLOAT, ROWS, 7, 3).output("y", DataType.FLOAT);
        transpose("x", "t", 1, 0, 2);
        weights("w", 1, 12, 3);
        weights("r", 1, 12, 4);
        weights("b", 1, 24);
        model.node(
                "GRU",
                List.of("t", "w", "r", "b"),
                List.of("", "last"),
                attribute("hidden_size", 4L),
                attribute("linear_before_reset", 1L));
        model.longs("zero", new long[] {0}, 1);
        node("Squeeze", List.of("last", "zero"), "q");
        weights("w2", 4, 1);
        node("MatMul", List.of("q", "w2"), "y");
        Against.ort(model.artifact(), random).withRows(5).agrees();
    }

    @Test
    void transformerEncoderOfPytorch() throws Exception {
        int times = 5;
        int heads = 2;
        int size = 4;
        int width = heads * size;
        model.input("x", DataType.FLOAT, ROWS, times, width).output("y", DataType.FLOAT);
        batchSize("x", "n");
        weights("wqkv", width, 3 * width);
        weights("bqkv", 3 * width);
        node("MatMul", List.of("x", "wqkv"), "xw");
        node("Add", List.of("bqkv", "xw"), "qkv");
        model.longs("parts", new long[] {width, width, width}, 3);
        model.node("Split", List.of("qkv", "parts"), List.of("q", "k", "v"), attribute("axis", 2L));
        model.longs("times", new long[] {times}, 1).longs("heads", new long[] {heads}, 1);
        model.longs("size", new long[] {size}, 1).longs("width", new long[] {width}, 1);
        node("Concat", List.of("n.1", "times", "heads", "size"), "apart", attribute("axis", 0L));
        for (String each : List.of("q", "k", "v")) {
            node("Reshape", List.of(each, "apart"), each + "h");
        }
        transpose("qh", "qt", 0, 2, 1, 3);
        transpose("kh", "kt", 0, 2, 3, 1);
        transpose("vh", "vt", 0, 2, 1, 3);
        node("MatMul", List.of("qt", "kt"), "scores");
        model.floats("root", new float[] {2});
        node("Div", List.of("scores", "root"), "scaled");
        node("Softmax", List.of("scaled"), "shares", attribute("axis", -1L));
        node("MatMul", List.of("shares", "vt"), "mixed");
        transpose("mixed", "turned", 0, 2, 1, 3);
        node("Concat", List.of("n.1", "times", "width"), "together", attribute("axis", 0L));
        node("Reshape", List.of("turned", "together"), "joined");
        weights("wo", width, width);
        node("MatMul", List.of("joined", "wo"), "projected");
        node("Add", List.of("x", "projected"), "residual");
        weights("g1", width);
        weights("s1", width);
        node(
                "LayerNormalization",
                List.of("residual", "g1", "s1"),
                "normed",
                attribute("axis", -1L));
        weights("w1", width, 16);
        weights("b1", 16);
        node("MatMul", List.of("normed", "w1"), "wide");
        node("Add", List.of("wide", "b1"), "wider");
        model.floats("sqrt2", new float[] {1.4142135f}).floats("one", new float[] {1});
        model.floats("half", new float[] {0.5f});
        node("Div", List.of("wider", "sqrt2"), "g.d");
        node("Erf", List.of("g.d"), "g.e");
        node("Add", List.of("g.e", "one"), "g.a");
        node("Mul", List.of("wider", "g.a"), "g.m");
        node("Mul", List.of("g.m", "half"), "gelu");
        weights("w2", 16, width);
        node("MatMul", List.of("gelu", "w2"), "narrow");
        node("Add", List.of("normed", "narrow"), "sum");
        node(
                "ReduceMean",
                List.of("sum"),
                "pooled",
                attribute("axes", new long[] {1}),
                attribute("keepdims", 0L));
        weights("wc", width, 3);
        node("MatMul", List.of("pooled", "wc"), "y");
        Against.ort(model.artifact(), random).withRows(4).agrees();
    }

    @Test
    void transformerEncoderOfPytorchWithTheBatchSecond() throws Exception {
        int times = 4;
        int heads = 2;
        int size = 3;
        int width = heads * size;
        model.input("x", DataType.FLOAT, ROWS, times, width).output("y", DataType.FLOAT);
        transpose("x", "t", 1, 0, 2);
        weights("wqkv", width, 3 * width);
        node("MatMul", List.of("t", "wqkv"), "qkv");
        model.longs("parts", new long[] {width, width, width}, 3);
        model.node(
                "Split", List.of("qkv", "parts"), List.of("q", "k", "v"), attribute("axis", -1L));
        batchSize("x", "n");
        model.longs("headsize", new long[] {heads});
        node("Mul", List.of("n", "headsize"), "nh");
        model.longs("axes", new long[] {0}, 1).longs("times", new long[] {times}, 1);
        node("Unsqueeze", List.of("nh", "axes"), "nh.1");
        model.longs("size", new long[] {size}, 1).longs("width", new long[] {width}, 1);
        node("Concat", List.of("times", "nh.1", "size"), "apart", attribute("axis", 0L));
        for (String each : List.of("q", "k", "v")) {
            node("Reshape", List.of(each, "apart"), each + "h");
        }
        transpose("qh", "qt", 1, 0, 2);
        transpose("kh", "kt", 1, 2, 0);
        transpose("vh", "vt", 1, 0, 2);
        node("MatMul", List.of("qt", "kt"), "scores");
        node("Softmax", List.of("scores"), "shares", attribute("axis", -1L));
        node("MatMul", List.of("shares", "vt"), "mixed");
        transpose("mixed", "turned", 1, 0, 2);
        model.longs("timesOf", new long[] {times});
        node("Mul", List.of("n", "timesOf"), "nt");
        node("Unsqueeze", List.of("nt", "axes"), "nt.1");
        node("Concat", List.of("nt.1", "width"), "flat", attribute("axis", 0L));
        node("Reshape", List.of("turned", "flat"), "rows");
        weights("wo", width, width);
        weights("bo", width);
        node("Gemm", List.of("rows", "wo", "bo"), "projected", attribute("transB", 1L));
        node("Concat", List.of("times", "n.1", "width"), "back", attribute("axis", 0L));
        node("Reshape", List.of("projected", "back"), "p");
        transpose("p", "y", 1, 0, 2);
        Against.ort(model.artifact(), random).withRows(4).agrees();
    }

    @Test
    void timesAndRecordsMergedAndTakenApartTheOtherWayRoundAreRefused() {
        model.input("x", DataType.FLOAT, ROWS, 4, 3).output("y", DataType.FLOAT);
        transpose("x", "t", 1, 0, 2);
        model.longs("flat", new long[] {-1, 3}, 2).longs("wrong", new long[] {-1, 4, 3}, 3);
        node("Reshape", List.of("t", "flat"), "f");
        node("Relu", List.of("f"), "r");
        node("Reshape", List.of("r", "wrong"), "y");
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("'Reshape_y' (Reshape): it mixes records");
    }

    @Test
    void timesAndRecordsMergedAreRefusedWhereTheirOrderMatters() {
        model.input("x", DataType.FLOAT, ROWS, 4, 3).output("y", DataType.FLOAT);
        transpose("x", "t", 1, 0, 2);
        model.longs("flat", new long[] {-1, 3}, 2);
        node("Reshape", List.of("t", "flat"), "f");
        node("Concat", List.of("f", "f"), "y", attribute("axis", 1L));
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining("'Concat_y' (Concat): it mixes records");
    }
}
