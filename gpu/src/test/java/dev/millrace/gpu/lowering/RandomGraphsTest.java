package dev.millrace.gpu.lowering;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Graphs of random operators give what ONNX Runtime gives, or are refused. */
class RandomGraphsTest {
    private static final long SEED = 1234;
    private static final int GRAPHS = 150;
    private static final List<String> FUNCTIONS =
            List.of("Tanh", "Neg", "Sigmoid", "Abs", "Relu", "Softsign", "LeakyRelu");
    private static final List<String> REDUCTIONS =
            List.of("ReduceSum", "ReduceMax", "ReduceMean", "ReduceL2", "ReduceLogSumExp");

    /** A tensor of the graph as one record sees it. */
    private record Known(String name, List<Integer> shape, int rowAxis) {
        int rank() {
            return shape.size();
        }
    }

    private Random random;
    private OnnxModelBuilder model;
    private List<Known> known;
    private int names;

    @Test
    void randomGraphsAgree() throws Exception {
        int covered = 0;
        for (int graph = 0; graph < GRAPHS; graph++) {
            random = new Random(SEED + graph);
            try {
                Against.ort(randomModel().artifact(), random).within(2e-3, 1e-4).agrees();
                covered++;
            } catch (NotCoveredException e) {
                assertThat(e).hasMessageContaining("record");
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + (SEED + graph), e);
            }
        }
        assertThat(covered).isGreaterThan(GRAPHS / 2);
    }

    private OnnxModelBuilder randomModel() {
        model = new OnnxModelBuilder("random");
        known = new ArrayList<>();
        names = 0;
        int a = 2 + random.nextInt(3);
        int b = 1 + random.nextInt(4);
        model.input("x", FLOAT, ROWS, a, b);
        known.add(new Known("x", List.of(1, a, b), 0));
        int nodes = 2 + random.nextInt(8);
        while (known.size() <= nodes) {
            grow();
        }
        model.output(known.get(nodes).name, FLOAT);
        return model;
    }

    private Known any() {
        // Late ones more often, so that chains grow.
        int back = Math.min(random.nextInt(known.size()), random.nextInt(known.size()));
        return known.get(known.size() - 1 - back);
    }

    private String name() {
        return "t" + names++;
    }

    private Known add(
            String operator,
            List<String> inputs,
            List<Integer> shape,
            int rowAxis,
            AttributeProto... attributes) {
        Known result = new Known(name(), shape, rowAxis);
        model.node(operator, inputs, List.of(result.name), attributes);
        known.add(result);
        return result;
    }

    private String longs(List<Integer> values) {
        String name = name();
        long[] elements = values.stream().mapToLong(Integer::longValue).toArray();
        model.longs(name, elements, elements.length);
        return name;
    }

    private String floats(List<Integer> shape) {
        String name = name();
        int count = shape.stream().reduce(1, (x, y) -> x * y);
        float[] elements = new float[count];
        for (int i = 0; i < count; i++) {
            elements[i] = (float) random.nextGaussian();
        }
        model.floats(name, elements, shape.stream().mapToLong(Integer::longValue).toArray());
        return name;
    }

    /** A dimension other than the rows', -1 if there is none. */
    private int axis(Known value) {
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < value.rank(); i++) {
            if (i != value.rowAxis) {
                axes.add(i);
            }
        }
        return axes.isEmpty() ? -1 : axes.get(random.nextInt(axes.size()));
    }

    private static List<Integer> with(List<Integer> shape, int axis, int extent) {
        List<Integer> changed = new ArrayList<>(shape);
        changed.set(axis, extent);
        return changed;
    }

    private void grow() {
        Known value = any();
        int axis = axis(value);
        if (axis < 0 || value.shape.stream().reduce(1, (x, y) -> x * y) > 300) {
            value = known.get(0);
            axis = 1;
        }
        int extent = value.shape.get(axis);
        List<Integer> shape = value.shape;
        int rows = value.rowAxis;
        String x = value.name;
        switch (random.nextInt(16)) {
            case 0 -> add(FUNCTIONS.get(random.nextInt(FUNCTIONS.size())), List.of(x), shape, rows);
            case 1 -> {
                List<Integer> other = with(shape, axis, random.nextBoolean() ? 1 : extent);
                String operator = random.nextBoolean() ? "Add" : "Mul";
                add(operator, List.of(floats(other), x), shape, rows);
            }
            case 2 -> combine(value);
            case 3 -> transpose(value);
            case 4 -> reshape(value);
            case 5 -> {
                int start = random.nextInt(extent);
                int end = start + 1 + random.nextInt(extent - start);
                List<String> inputs =
                        List.of(
                                x,
                                longs(List.of(start)),
                                longs(List.of(end)),
                                longs(List.of(axis)));
                add("Slice", inputs, with(shape, axis, end - start), rows);
            }
            case 6 ->
                    add(
                            "Concat",
                            List.of(x, x),
                            with(shape, axis, 2 * extent),
                            rows,
                            attribute("axis", (long) axis));
            case 7 -> {
                String operator = REDUCTIONS.get(random.nextInt(REDUCTIONS.size()));
                AttributeProto keep = attribute("keepdims", 1L);
                if (operator.equals("ReduceSum")) {
                    List<String> inputs = List.of(x, longs(List.of(axis)));
                    add(operator, inputs, with(shape, axis, 1), rows, keep);
                } else {
                    AttributeProto axes = attribute("axes", new long[] {axis});
                    add(operator, List.of(x), with(shape, axis, 1), rows, axes, keep);
                }
            }
            case 8 -> add("Softmax", List.of(x), shape, rows, attribute("axis", (long) axis));
            case 9 -> {
                int last = value.rank() - 1;
                if (rows != last) {
                    int width = 1 + random.nextInt(4);
                    String weights = floats(List.of(shape.get(last), width));
                    add("MatMul", List.of(x, weights), with(shape, last, width), rows);
                }
            }
            case 10 -> {
                List<Integer> pads = new ArrayList<>(Collections.nCopies(2 * value.rank(), 0));
                pads.set(axis, random.nextInt(3));
                pads.set(value.rank() + axis, random.nextInt(2));
                int more = pads.get(axis) + pads.get(value.rank() + axis);
                add("Pad", List.of(x, longs(pads)), with(shape, axis, extent + more), rows);
            }
            case 11 -> {
                List<Integer> chosen = new ArrayList<>();
                for (int i = 0; i < 1 + random.nextInt(4); i++) {
                    chosen.add(random.nextInt(2 * extent) - extent);
                }
                AttributeProto along = attribute("axis", (long) axis);
                List<String> inputs = List.of(x, longs(chosen));
                add("Gather", inputs, with(shape, axis, chosen.size()), rows, along);
            }
            case 12 -> {
                int at = random.nextInt(value.rank() + 1);
                List<Integer> more = new ArrayList<>(shape);
                more.add(at, 1);
                int moved = at <= rows ? rows + 1 : rows;
                add("Unsqueeze", List.of(x, longs(List.of(at))), more, moved);
            }
            case 13 -> {
                if (extent == 1) {
                    List<Integer> fewer = new ArrayList<>(shape);
                    fewer.remove(axis);
                    int moved = axis < rows ? rows - 1 : rows;
                    add("Squeeze", List.of(x, longs(List.of(axis))), fewer, moved);
                }
            }
            case 14 -> {
                List<Integer> repeats = new ArrayList<>(Collections.nCopies(value.rank(), 1));
                repeats.set(axis, 2);
                add("Tile", List.of(x, longs(repeats)), with(shape, axis, 2 * extent), rows);
            }
            default -> {
                String scalar = name();
                model.longs(scalar, new long[] {axis});
                add("CumSum", List.of(x, scalar), shape, rows);
            }
        }
    }

    /** Two tensors of the same shape, one perhaps broadcast. */
    private void combine(Known value) {
        for (Known other : known) {
            if (other.shape.equals(value.shape) && other.rowAxis == value.rowAxis) {
                add("Sub", List.of(value.name, other.name), value.shape, value.rowAxis);
                return;
            }
        }
    }

    private void transpose(Known value) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < value.rank(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        List<Integer> shape = order.stream().map(value.shape::get).toList();
        long[] perm = order.stream().mapToLong(Integer::longValue).toArray();
        add(
                "Transpose",
                List.of(value.name),
                shape,
                order.indexOf(value.rowAxis),
                attribute("perm", perm));
    }

    /** Merges what follows the rows, or merges the next dimension into theirs. */
    private void reshape(Known value) {
        int rows = value.rowAxis;
        int before = 1;
        for (int extent : value.shape.subList(0, rows)) {
            before *= extent;
        }
        int rest = 1;
        for (int extent : value.shape.subList(rows + 1, value.rank())) {
            rest *= extent;
        }
        int own = value.shape.get(rows);
        if (random.nextBoolean()) {
            List<Integer> target = List.of(before, -1, rest);
            add("Reshape", List.of(value.name, longs(target)), List.of(before, own, rest), 1);
        } else if (before == 1) {
            List<Integer> target = Arrays.asList(-1, own * rest);
            add("Reshape", List.of(value.name, longs(target)), List.of(1, own * rest), 0);
        }
    }
}
