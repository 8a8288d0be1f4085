package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.lowering.Against.Values;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recurrent layers of random shapes against ONNX Runtime. */
class RecurrentOpsTest {
    private static final AtomicLong SEEDS = new AtomicLong(1);
    private static final String[] DIRECTIONS = {"forward", "reverse", "bidirectional"};

    private final long seed = SEEDS.getAndIncrement();
    private final Random random = new Random(seed);

    RecurrentOpsTest() {
        System.out.println("RecurrentOpsTest seed " + seed);
    }

    /**
     * One recurrent node on a transposed batch of sequences, as exporters of batch_first give it.
     */
    private final class Layer {
        final String operator;
        final int gates;
        final String direction = DIRECTIONS[random.nextInt(3)];
        final int directions = direction.equals("bidirectional") ? 2 : 1;
        final int times = 1 + random.nextInt(5);
        final int features = 1 + random.nextInt(4);
        final int hidden = 1 + random.nextInt(5);
        final List<AttributeProto> attributes = new ArrayList<>();
        final List<String> inputs = new ArrayList<>(List.of("t", "w", "r", "", "", "", "", ""));
        final OnnxModelBuilder model = new OnnxModelBuilder("recurrent");

        Layer(String operator) {
            this.operator = operator;
            gates = operator.equals("LSTM") ? 4 : operator.equals("GRU") ? 3 : 1;
            attributes.add(attribute("hidden_size", (long) hidden));
            attributes.add(attribute("direction", direction));
            model.input("x", DataType.FLOAT, ROWS, times, features);
            model.node(
                    "Transpose",
                    List.of("x"),
                    List.of("t"),
                    attribute("perm", new long[] {1, 0, 2}));
            weights("w", 1, gates * hidden, features);
            weights("r", 2, gates * hidden, hidden);
        }

        void weights(String name, int input, int... extents) {
            int[] shape = Shapes.concat(new int[] {directions}, extents);
            long[] dimensions = Shapes.boxed(shape).stream().mapToLong(i -> i).toArray();
            model.floats(name, floats(Shapes.elements(shape)), dimensions);
            inputs.set(input, name);
        }

        void biases() {
            weights("b", 3, 2 * gates * hidden);
        }

        void initialStates() {
            model.input("h", DataType.FLOAT, ROWS, directions, hidden);
            turned("h", "hh");
            inputs.set(5, "hh");
            if (operator.equals("LSTM")) {
                model.input("c", DataType.FLOAT, ROWS, directions, hidden);
                turned("c", "cc");
                inputs.set(6, "cc");
            }
        }

        private void turned(String from, String to) {
            model.node(
                    "Transpose",
                    List.of(from),
                    List.of(to),
                    attribute("perm", new long[] {1, 0, 2}));
        }

        void agrees() throws Exception {
            boolean remembers = operator.equals("LSTM");
            while (inputs.get(inputs.size() - 1).isEmpty()) {
                inputs.remove(inputs.size() - 1);
            }
            model.node(
                    operator,
                    inputs,
                    remembers ? List.of("y", "yh", "yc") : List.of("y", "yh"),
                    attributes.toArray(AttributeProto[]::new));
            model.node(
                    "Transpose",
                    List.of("y"),
                    List.of("all"),
                    attribute("perm", new long[] {2, 0, 1, 3}));
            model.output("all", DataType.FLOAT);
            model.output("last", DataType.FLOAT);
            turned("yh", "last");
            if (remembers) {
                turned("yc", "memory");
                model.output("memory", DataType.FLOAT);
            }
            try {
                Against.ort(model.artifact(), random)
                        .with(Values.UNIT)
                        .withIntegers(1, times + 1)
                        .agrees();
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        "seed %d: %s %s, %d times, %d features, %d hidden"
                                .formatted(seed, operator, direction, times, features, hidden),
                        e);
            }
        }
    }

    @RepeatedTest(5)
    void layersAgree() throws Exception {
        for (String operator : List.of("RNN", "GRU", "LSTM")) {
            Layer layer = new Layer(operator);
            if (random.nextBoolean()) {
                layer.biases();
            }
            if (random.nextBoolean()) {
                layer.initialStates();
            }
            if (operator.equals("GRU")) {
                layer.attributes.add(attribute("linear_before_reset", (long) random.nextInt(2)));
            }
            layer.agrees();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RNN", "GRU", "LSTM"})
    void sequencesMayBeShorterThanOthers(String operator) throws Exception {
        for (int i = 0; i < 3; i++) {
            Layer layer = new Layer(operator);
            layer.model.input("lengths", DataType.INT32, ROWS);
            layer.inputs.set(4, "lengths");
            layer.biases();
            layer.initialStates();
            layer.agrees();
        }
    }

    @RepeatedTest(3)
    void peepholesAgree() throws Exception {
        Layer layer = new Layer("LSTM");
        layer.biases();
        layer.initialStates();
        layer.weights("p", 7, 3 * layer.hidden);
        layer.agrees();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RNN", "GRU", "LSTM"})
    void clippingAgrees(String operator) throws Exception {
        Layer layer = new Layer(operator);
        layer.biases();
        layer.initialStates();
        layer.attributes.add(attribute("clip", 0.4f));
        layer.agrees();
    }

    @RepeatedTest(3)
    void peepholesAndClippingAgree() throws Exception {
        Layer layer = new Layer("LSTM");
        layer.biases();
        layer.initialStates();
        layer.weights("p", 7, 3 * layer.hidden);
        layer.attributes.add(attribute("clip", 0.4f));
        layer.agrees();
    }

    @Test
    void coupledInputAndForgetGatesAgree() throws Exception {
        Layer layer = new Layer("LSTM");
        layer.biases();
        layer.initialStates();
        layer.attributes.add(attribute("input_forget", 1L));
        layer.agrees();
    }

    @ParameterizedTest
    @CsvSource({
        "Relu, 0, 0",
        "LeakyRelu, 0.2, 0",
        "ThresholdedRelu, 0.3, 0",
        "Affine, 0.5, 0.25",
        "ScaledTanh, 1.5, 0.5",
        "HardSigmoid, 0.3, 0.4",
        "Elu, 0.7, 0",
        "Softsign, 0, 0",
        "Softplus, 0, 0"
    })
    void activationsAgree(String name, float alpha, float beta) throws Exception {
        Layer layer = new Layer("RNN");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < layer.directions; i++) {
            names.add(name);
        }
        layer.attributes.add(attribute("activations", names));
        if (alpha != 0) {
            layer.attributes.add(attribute("activation_alpha", filled(layer.directions, alpha)));
        }
        if (beta != 0) {
            layer.attributes.add(attribute("activation_beta", filled(layer.directions, beta)));
        }
        layer.agrees();
    }

    private static float[] filled(int count, float value) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }

    private float[] floats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() / 2;
        }
        return values;
    }
}
