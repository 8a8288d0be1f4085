package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that choose elements by index. */
final class IndexingOps {
    private IndexingOps() {}

    static void register(Operators operators) {
        operators.standard("Gather", IndexingOps::gather);
        operators.standard("GatherElements", IndexingOps::gatherElements);
        operators.standard("GatherND", IndexingOps::gatherNd);
        operators.standard("OneHot", IndexingOps::oneHot);
        operators.standard("Compress", IndexingOps::compress);
        operators.standard("ReverseSequence", IndexingOps::reverseSequence);
        ScatterOps.register(operators);
    }

    private static void gather(NodeContext node) {
        Val data = node.counted(0);
        Val indices = node.input(1);
        int axis = node.axis("axis", 0, data.rank());
        requireIndices(indices);
        node.output(gather(node.builder(), data, indices, axis));
    }

    private static void requireIndices(Val indices) {
        Refusal.unless(
                indices.type == ElementType.INT64 || indices.type == ElementType.INT32,
                "%s are no indices",
                indices);
    }

    /** Elements of {@code data} at the indices along a dimension. */
    static Val gather(Builder builder, Val data, Val indices, int axis) {
        Rows.spared(data, axis);
        int extent = data.shape[axis];
        int[] shape =
                Shapes.concat(
                        Shapes.concat(Arrays.copyOf(data.shape, axis), indices.shape),
                        Arrays.copyOfRange(data.shape, axis + 1, data.rank()));
        Rows.mixes(data.hasRows() && indices.hasRows());
        int rowAxis = Rows.NONE;
        if (indices.hasRows()) {
            rowAxis = axis + indices.rowAxis;
        } else if (data.hasRows()) {
            rowAxis = data.rowAxis < axis ? data.rowAxis : data.rowAxis + indices.rank() - 1;
        }
        View whole = builder.view(data);
        List<Integer> strides = new ArrayList<>(whole.strides().subList(0, axis));
        if (builder.isConstant(indices)) {
            long[] chosen = checked(builder.tensor(indices), extent);
            if (isProgression(chosen) && indices.rank() <= 1) {
                int step = chosen.length > 1 ? (int) (chosen[1] - chosen[0]) : 1;
                int stride = whole.strides().get(axis);
                if (indices.rank() == 1) {
                    strides.add(stride * step);
                }
                strides.addAll(whole.strides().subList(axis + 1, data.rank()));
                int first = chosen.length == 0 ? 0 : (int) chosen[0];
                View view = new View(whole.value(), whole.offset() + first * stride, strides);
                return Views.moved(builder, data, shape, rowAxis, view);
            }
        }
        Refusal.unless(
                data.rowCounts.length == 0,
                "it computes with the number of records, which no record may depend on");
        for (int i = 0; i < indices.rank(); i++) {
            strides.add(0);
        }
        strides.addAll(whole.strides().subList(axis + 1, data.rank()));
        View base = new View(whole.value(), whole.offset(), strides);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            boolean within = i >= axis && i < axis + indices.rank();
            places.add(within ? i - axis : -1);
        }
        Val spread = spread(builder, indices, shape, places);
        return chosen(
                builder,
                data,
                shape,
                rowAxis,
                base,
                List.of(new Index(spread, extent, whole.strides().get(axis))));
    }

    /** Non-negative indices. */
    private static long[] checked(Tensor indices, int extent) {
        long[] chosen = indices.toLongs();
        for (int i = 0; i < chosen.length; i++) {
            Refusal.unless(
                    chosen[i] >= -extent && chosen[i] < extent,
                    "index %d is not one of %d",
                    chosen[i],
                    extent);
            chosen[i] = chosen[i] < 0 ? chosen[i] + extent : chosen[i];
        }
        return chosen;
    }

    private static boolean isProgression(long[] indices) {
        for (int i = 2; i < indices.length; i++) {
            if (indices[i] - indices[i - 1] != indices[1] - indices[0]) {
                return false;
            }
        }
        return true;
    }

    /** A value over a larger shape: from which of its dimensions each one comes, -1 repeats. */
    private static Val spread(Builder builder, Val value, int[] shape, List<Integer> dimensions) {
        View view = builder.view(value).pick(dimensions);
        return Val.of(value.type, shape, value.hasRows() ? 0 : Rows.NONE, view);
    }

    /** An index over the result's shape into a dimension with an extent and a stride. */
    private record Index(Val value, int extent, int stride) {}

    private static Val chosen(
            Builder builder, Val data, int[] shape, int rowAxis, View base, List<Index> indices) {
        Operands operands = new Operands(builder, shape, false);
        Expr offset = null;
        for (Index index : indices) {
            Expr place = new Expr.CheckedIndex(operands.use(index.value), index.extent);
            Expr distance = index.stride == 1 ? place : Terms.mul(place, Exprs.i64(index.stride));
            offset = offset == null ? distance : Terms.add(offset, distance);
        }
        Expr body = new Expr.LoadAt(operands.index(base), offset, data.kind());
        return builder.defer(
                data.type,
                shape,
                rowAxis,
                new Deferred(operands.origin(), operands.root(), operands.inputs(), body));
    }

    private static void gatherElements(NodeContext node) {
        Val data = node.input(0);
        Val indices = node.input(1);
        int axis = node.axis("axis", 0, data.rank());
        requireIndices(indices);
        Refusal.unless(indices.rank() == data.rank(), "%s do not fit %s", indices, data);
        Rows.spared(data, axis);
        Rows.spared(indices, axis);
        Rows.mixes(data.rowAxis != indices.rowAxis);
        for (int i = 0; i < data.rank(); i++) {
            boolean exact = i == data.rowAxis;
            Refusal.unless(
                    i == axis
                            || (exact
                                    ? indices.shape[i] == data.shape[i]
                                    : indices.shape[i] <= data.shape[i]),
                    "%s do not fit %s",
                    indices,
                    data);
        }
        View whole = node.builder().view(data);
        List<Integer> strides = new ArrayList<>(whole.strides());
        int stride = strides.set(axis, 0);
        View base = new View(whole.value(), whole.offset(), strides);
        node.output(
                chosen(
                        node.builder(),
                        data,
                        indices.shape,
                        indices.rowAxis,
                        base,
                        List.of(new Index(indices, data.shape[axis], stride))));
    }

    private static void gatherNd(NodeContext node) {
        Val data = node.input(0);
        Val indices = node.input(1);
        int batch = Shapes.extent(node.integer("batch_dims", 0));
        requireIndices(indices);
        int last = indices.rank() - 1;
        Refusal.unless(
                last >= batch
                        && batch < data.rank()
                        && batch + indices.shape[last] <= data.rank()
                        && Arrays.equals(data.shape, 0, batch, indices.shape, 0, batch),
                "%s do not fit %s",
                indices,
                data);
        int width = indices.shape[last];
        Refusal.unless(width > 0, "%s are empty", indices);
        Rows.spared(indices, last);
        boolean together = data.hasRows() && indices.hasRows();
        Rows.mixes(together && (data.rowAxis != indices.rowAxis || data.rowAxis >= batch));
        Rows.mixes(data.hasRows() && data.rowAxis < batch + width && !together);
        Rows.mixes(indices.hasRows() && indices.rowAxis < batch && !together);
        int[] shape =
                Shapes.concat(
                        Arrays.copyOf(indices.shape, last),
                        Arrays.copyOfRange(data.shape, batch + width, data.rank()));
        int rowAxis = indices.rowAxis;
        if (!indices.hasRows() && data.hasRows()) {
            rowAxis = last + data.rowAxis - batch - width;
        }
        Builder builder = node.builder();
        View whole = builder.view(data);
        List<Integer> strides = new ArrayList<>(whole.strides().subList(0, batch));
        for (int i = batch; i < last; i++) {
            strides.add(0);
        }
        strides.addAll(whole.strides().subList(batch + width, data.rank()));
        View base = new View(whole.value(), whole.offset(), strides);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            places.add(i < last ? i : -1);
        }
        List<Index> parts = new ArrayList<>();
        View view = builder.view(indices);
        for (int i = 0; i < width; i++) {
            View part = view.shifted(i * view.strides().get(last));
            Val one = builder.viewed(indices, indices.shape, indices.rowAxis, part);
            parts.add(
                    new Index(
                            spread(builder, one, shape, places),
                            data.shape[batch + i],
                            whole.strides().get(batch + i)));
        }
        node.output(chosen(builder, data, shape, rowAxis, base, parts));
    }

    private static void oneHot(NodeContext node) {
        Val indices = node.input(0);
        Val depth = node.input(1);
        Val values = node.input(2);
        Builder builder = node.builder();
        Tensor size = builder.required(depth, "the depth");
        Refusal.unless(size.elements() == 1, "the depth %s is no scalar", depth);
        int count = Shapes.extent((long) size.asDouble(0));
        Refusal.unless(values.rank() == 1 && values.shape[0] == 2, "%s are not two values", values);
        Rows.absent(values, "what the classes become");
        int axis = node.axis("axis", -1, indices.rank() + 1);
        long[] numbers = new long[count];
        Arrays.setAll(numbers, i -> i);
        Val places = builder.constant(numbers);
        for (int i = axis; i < indices.rank(); i++) {
            places = Views.unsqueeze(builder, places, places.rank());
        }
        Val off = Views.slice(builder, values, 0, 0, 1, 1);
        Val on = Views.slice(builder, values, 0, 1, 1, 1);
        Val spread = Views.unsqueeze(builder, indices, axis);
        node.output(
                builder.elementwise(
                        values.type,
                        List.of(
                                spread,
                                places,
                                Views.squeeze(builder, off, 0),
                                Views.squeeze(builder, on, 0)),
                        x -> {
                            Expr index = Terms.convert(ScalarKind.I64, indices.type, x.get(0));
                            Expr wrapped =
                                    Terms.select(
                                            Terms.less(index, Exprs.i64(0)),
                                            Terms.add(index, Exprs.i64(count)),
                                            index);
                            return Terms.select(Terms.equal(wrapped, x.get(1)), x.get(3), x.get(2));
                        }));
    }

    private static void compress(NodeContext node) {
        Val value = node.input(0);
        Tensor condition = node.constant(1, "the condition");
        Builder builder = node.builder();
        int axis = 0;
        if (node.hasAttribute("axis")) {
            axis = node.axis("axis", 0, value.rank());
        } else {
            Rows.mixes(value.hasRows());
            value = Views.reshape(builder, value, new int[] {value.elements()}, Rows.NONE);
        }
        List<Long> kept = new ArrayList<>();
        for (int i = 0; i < condition.elements(); i++) {
            if (condition.longAt(i) != 0) {
                kept.add((long) i);
            }
        }
        long[] indices = kept.stream().mapToLong(Long::longValue).toArray();
        node.output(gather(builder, value, builder.constant(indices), axis));
    }

    private static void reverseSequence(NodeContext node) {
        Val value = node.input(0);
        Val lengths = node.input(1);
        int batch = node.axis("batch_axis", 1, value.rank());
        int time = node.axis("time_axis", 0, value.rank());
        Refusal.unless(
                batch != time && lengths.rank() == 1 && lengths.shape[0] == value.shape[batch],
                "%s do not fit %s",
                lengths,
                value);
        Rows.spared(value, time);
        Rows.mixes(value.rowAxis == batch ? lengths.rowAxis != 0 : lengths.hasRows());
        Builder builder = node.builder();
        int extent = value.shape[time];
        List<Integer> alongBatch = new ArrayList<>();
        int[] clock = new int[value.rank()];
        Arrays.fill(clock, 1);
        clock[time] = extent;
        for (int i = 0; i < value.rank(); i++) {
            alongBatch.add(i == batch ? 0 : -1);
        }
        long[] ticks = new long[extent];
        Arrays.setAll(ticks, i -> i);
        Val now = builder.constant(Tensor.of(ElementType.INT64, Shapes.boxed(clock), ticks));
        Val length = spread(builder, lengths, value.shape, alongBatch);
        Val place =
                builder.elementwise(
                        ElementType.INT64,
                        value.shape,
                        value.rowAxis,
                        List.of(now, length),
                        x ->
                                Terms.select(
                                        Terms.less(x.get(0), x.get(1)),
                                        Terms.sub(Terms.sub(x.get(1), Exprs.i64(1)), x.get(0)),
                                        x.get(0)));
        View whole = builder.view(value);
        List<Integer> strides = new ArrayList<>(whole.strides());
        int stride = strides.set(time, 0);
        View base = new View(whole.value(), whole.offset(), strides);
        node.output(
                chosen(
                        builder,
                        value,
                        value.shape,
                        value.rowAxis,
                        base,
                        List.of(new Index(place, extent, stride))));
    }
}
