package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.lowering.Against.Values;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Attention of random shapes against ONNX Runtime. */
class AttentionOpsTest {
    private static final AtomicLong SEEDS = new AtomicLong(1);

    private final long seed = SEEDS.getAndIncrement();
    private final Random random = new Random(seed);

    AttentionOpsTest() {
        System.out.println("AttentionOpsTest seed " + seed);
    }

    @RepeatedTest(12)
    void attentionAgrees() throws Exception {
        int groups = 1 + random.nextInt(3);
        int heads = groups * (1 + random.nextInt(3));
        int queries = 1 + random.nextInt(4);
        int keys = queries + random.nextInt(4);
        int size = 1 + random.nextInt(5);
        int valueSize = 1 + random.nextInt(5);
        boolean flat = random.nextBoolean();
        OnnxModelBuilder model = new OnnxModelBuilder("attention").opsets(23, 3);
        tensor(model, "q", flat, heads, queries, size);
        tensor(model, "k", flat, groups, keys, size);
        tensor(model, "v", flat, groups, keys, valueSize);
        List<AttributeProto> attributes = new ArrayList<>();
        if (flat) {
            attributes.add(attribute("q_num_heads", (long) heads));
            attributes.add(attribute("kv_num_heads", (long) groups));
        }
        if (random.nextBoolean()) {
            attributes.add(attribute("is_causal", 1L));
        }
        if (random.nextBoolean()) {
            attributes.add(attribute("scale", 0.3f));
        }
        if (random.nextBoolean()) {
            attributes.add(attribute("softcap", 1.5f));
        }
        List<String> inputs = new ArrayList<>(List.of("q", "k", "v"));
        switch (random.nextInt(3)) {
            case 1 -> {
                float[] mask = new float[queries * keys];
                for (int i = 0; i < mask.length; i++) {
                    boolean hidden = i % keys > 0 && random.nextInt(4) == 0;
                    mask[i] = hidden ? Float.NEGATIVE_INFINITY : random.nextFloat();
                }
                model.floats("mask", mask, queries, keys);
                inputs.add("mask");
            }
            case 2 -> {
                model.input("mask", DataType.FLOAT, ROWS, 1, queries, keys);
                inputs.add("mask");
            }
            default -> {}
        }
        model.node("Attention", inputs, List.of("y"), attributes.toArray(AttributeProto[]::new));
        model.output("y", DataType.FLOAT);
        Against.ort(model.artifact(), random).with(Values.UNIT).agrees();
    }

    private static void tensor(
            OnnxModelBuilder model, String name, boolean flat, int heads, int positions, int size) {
        if (flat) {
            model.input(name, DataType.FLOAT, ROWS, positions, heads * size);
        } else {
            model.input(name, DataType.FLOAT, ROWS, heads, positions, size);
        }
    }

    @Test
    void earlierKeysAndValuesComeFirst() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("cache").opsets(23, 3);
        model.input("q", DataType.FLOAT, ROWS, 2, 3, 4).input("k", DataType.FLOAT, ROWS, 2, 3, 4);
        model.input("v", DataType.FLOAT, ROWS, 2, 3, 5);
        model.input("pk", DataType.FLOAT, ROWS, 2, 2, 4);
        model.input("pv", DataType.FLOAT, ROWS, 2, 2, 5);
        model.node(
                "Attention",
                List.of("q", "k", "v", "", "pk", "pv"),
                List.of("y", "keys", "values"));
        model.output("y", DataType.FLOAT).output("keys", DataType.FLOAT);
        model.output("values", DataType.FLOAT);
        Against.ort(model.artifact(), random).with(Values.UNIT).agrees();
    }

    @RepeatedTest(4)
    void rotaryEmbeddingsAgree() throws Exception {
        int heads = 1 + random.nextInt(3);
        OnnxModelBuilder model = new OnnxModelBuilder("rotary").opsets(23, 3);
        model.input("x", DataType.FLOAT, ROWS, 3, heads * 4);
        model.input("p", DataType.INT64, ROWS, 3);
        model.floats("cos", floats(14), 7, 2).floats("sin", floats(14), 7, 2);
        model.node(
                "RotaryEmbedding",
                List.of("x", "cos", "sin", "p"),
                List.of("y"),
                attribute("num_heads", (long) heads),
                attribute("interleaved", (long) random.nextInt(2)));
        model.output("y", DataType.FLOAT);
        Against.ort(model.artifact(), random).withIntegers(0, 7).agrees();
    }

    private float[] floats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
