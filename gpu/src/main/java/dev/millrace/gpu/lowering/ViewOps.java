package dev.millrace.gpu.lowering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Operators that move elements without computing. */
final class ViewOps {
    private static final int SLICE_BY_INPUTS = 10;

    private ViewOps() {}

    static void register(Operators operators) {
        operators.standard("Reshape", ReshapeOp::lower);
        operators.standard("Transpose", ViewOps::transpose);
        operators.standard("Squeeze", ViewOps::squeeze);
        operators.standard("Unsqueeze", ViewOps::unsqueeze);
        operators.standard("Flatten", ViewOps::flatten);
        operators.standard("Slice", ViewOps::slice);
        operators.standard("Concat", ViewOps::concat);
        operators.standard("Split", ViewOps::split);
        operators.standard("Expand", ViewOps::expand);
        operators.standard("Tile", ViewOps::tile);
        operators.standard("DepthToSpace", ViewOps::depthToSpace);
        operators.standard("SpaceToDepth", ViewOps::spaceToDepth);
        PadOp.register(operators);
        ConstantOps.register(operators);
        IndexingOps.register(operators);
        ControlOps.register(operators);
    }

    private static void transpose(NodeContext node) {
        Val value = node.counted(0);
        int rank = value.rank();
        int[] order = new int[rank];
        Optional<long[]> given = node.integers("perm");
        for (int i = 0; i < rank; i++) {
            order[i] = rank - 1 - i;
        }
        if (given.isPresent()) {
            Refusal.unless(
                    given.get().length == rank && Shapes.axes(given.get(), rank).length == rank,
                    "perm %s does not fit %s",
                    Arrays.toString(given.get()),
                    value);
            order = LongStream.of(given.get()).mapToInt(axis -> Shapes.axis(axis, rank)).toArray();
        }
        node.output(Views.transpose(node.builder(), value, order));
    }

    private static void squeeze(NodeContext node) {
        Val value = node.counted(0);
        Optional<long[]> given = node.integersOrInput("axes", 1);
        int[] axes;
        if (given.isPresent()) {
            axes = Shapes.axes(given.get(), value.rank());
        } else {
            Refusal.unless(
                    !value.hasRows() || value.shape[value.rowAxis] != 1,
                    "without axes its result would depend on the number of records");
            axes =
                    Arrays.stream(Shapes.range(0, value.rank()))
                            .filter(axis -> value.shape[axis] == 1)
                            .toArray();
        }
        node.output(Views.squeeze(node.builder(), value, axes));
    }

    private static void unsqueeze(NodeContext node) {
        Val value = node.counted(0);
        long[] given =
                node.integersOrInput("axes", 1)
                        .orElseThrow(() -> new Refusal("it does not say which axes"));
        int[] axes = Shapes.axes(given, value.rank() + given.length);
        for (int axis : axes) {
            value = Views.unsqueeze(node.builder(), value, axis);
        }
        node.output(value);
    }

    private static void flatten(NodeContext node) {
        Val value = node.input(0);
        long given = node.integer("axis", 1);
        int rank = value.rank();
        int axis = given == rank ? rank : Shapes.axis(given, Math.max(1, rank));
        int[] shape = {
            Shapes.product(value.shape, 0, axis), Shapes.product(value.shape, axis, rank)
        };
        int rowAxis = value.hasRows() ? (value.rowAxis < axis ? 0 : 1) : Rows.NONE;
        node.output(Views.reshape(node.builder(), value, shape, rowAxis));
    }

    private static void slice(NodeContext node) {
        Val value = node.counted(0);
        long[] starts;
        long[] ends;
        boolean[] endCounts = new boolean[0];
        Optional<long[]> axes;
        Optional<long[]> steps = Optional.empty();
        if (node.version() < SLICE_BY_INPUTS) {
            starts = node.integers("starts").orElseThrow(() -> new Refusal("it has no starts"));
            ends = node.integers("ends").orElseThrow(() -> new Refusal("it has no ends"));
            axes = node.integers("axes");
        } else {
            starts = node.constantLongs(1, "starts");
            Val end = node.counted(2);
            endCounts = end.rowCounts;
            ends = node.builder().requiredLongs(end.withRowCounts(new boolean[0]), "ends");
            axes = node.has(3) ? Optional.of(node.constantLongs(3, "axes")) : Optional.empty();
            steps = node.has(4) ? Optional.of(node.constantLongs(4, "steps")) : Optional.empty();
        }
        long[] along = axes.orElse(LongStream.range(0, starts.length).toArray());
        Refusal.unless(
                ends.length == starts.length
                        && along.length == starts.length
                        && (steps.isEmpty() || steps.get().length == starts.length),
                "starts, ends, axes and steps differ in number");
        Shapes.axes(along, value.rank());
        for (int i = 0; i < starts.length; i++) {
            int axis = Shapes.axis(along[i], value.rank());
            long step = steps.isPresent() ? steps.get()[i] : 1;
            boolean toLastRow = endCounts.length > 0 && endCounts[i];
            value = slice(node.builder(), value, axis, starts[i], ends[i], step, toLastRow);
        }
        node.output(value);
    }

    private static Val slice(
            Builder builder,
            Val value,
            int axis,
            long start,
            long end,
            long step,
            boolean toLastRow) {
        Refusal.unless(step != 0, "a step is 0");
        int extent = value.shape[axis];
        if (value.rowAxis == axis) {
            // Only the slice that takes every row, however many there are, leaves records alone.
            boolean all = step == 1 && start == 0;
            Rows.mixes(!all || !(toLastRow ? end >= extent : end >= Integer.MAX_VALUE));
            return value;
        }
        Refusal.unless(!toLastRow, "it slices a dimension up to the number of records");
        long from = start < 0 ? start + extent : start;
        long to = end < 0 ? end + extent : end;
        if (step > 0) {
            from = Math.max(0, Math.min(from, extent));
            to = Math.max(0, Math.min(to, extent));
        } else {
            from = Math.max(-1, Math.min(from, extent - 1L));
            to = Math.max(-1, Math.min(to, extent - 1L));
        }
        long distance = step > 0 ? to - from : from - to;
        long magnitude = step > 0 ? step : step == Long.MIN_VALUE ? Long.MAX_VALUE : -step;
        long count = distance <= 0 ? 0 : (distance - 1) / magnitude + 1;
        int usedStep = count <= 1 ? 1 : Math.toIntExact(step);
        return Views.slice(builder, value, axis, (int) from, usedStep, (int) count);
    }

    private static void concat(NodeContext node) {
        List<Val> parts = new ArrayList<>();
        for (int i = 0; i < node.inputCount(); i++) {
            parts.add(node.counted(i));
        }
        Refusal.unless(!parts.isEmpty(), "it has no inputs");
        Refusal.unless(node.hasAttribute("axis"), "it does not say along which axis");
        int axis = node.axis("axis", 0, parts.get(0).rank());
        node.output(Joining.concat(node.builder(), parts, axis));
    }

    private static void split(NodeContext node) {
        Val value = node.counted(0);
        int axis = node.axis("axis", 0, value.rank());
        Rows.spared(value, axis);
        Optional<long[]> given = node.integersOrInput("split", 1);
        long parts = node.integer("num_outputs", node.outputCount());
        Refusal.unless(
                parts == node.outputCount() || given.isPresent(),
                "num_outputs is %d for %d outputs",
                parts,
                node.outputCount());
        long[] sizes = given.orElse(equalParts(value.shape[axis], node.outputCount()));
        Refusal.unless(
                sizes.length == node.outputCount()
                        && LongStream.of(sizes).allMatch(size -> size >= 0)
                        && LongStream.of(sizes).sum() == value.shape[axis],
                "parts %s do not make up %s",
                Arrays.toString(sizes),
                value);
        node.builder().view(value);
        int start = 0;
        for (int i = 0; i < sizes.length; i++) {
            int size = (int) sizes[i];
            node.output(i, Views.slice(node.builder(), value, axis, start, 1, size));
            start += size;
        }
    }

    private static long[] equalParts(int extent, int parts) {
        int size = (extent + parts - 1) / parts;
        long[] sizes = new long[parts];
        int left = extent;
        for (int i = 0; i < parts; i++) {
            sizes[i] = Math.min(size, left);
            left -= (int) sizes[i];
        }
        return sizes;
    }

    private static void expand(NodeContext node) {
        Val value = node.input(0);
        Val target = node.counted(1);
        long[] sizes =
                node.builder().requiredLongs(target.withRowCounts(new boolean[0]), "the shape");
        int[] asked = LongStream.of(sizes).mapToInt(Shapes::extent).toArray();
        int[] shape = Shapes.broadcast(value.shape, asked);
        int rowAxis = value.hasRows() ? value.rowAxis + shape.length - value.rank() : Rows.NONE;
        for (int i = 0; i < asked.length; i++) {
            int axis = i + shape.length - asked.length;
            if (RowCounts.counts(target, i)) {
                int own = axis - (shape.length - value.rank());
                Rows.mixes(rowAxis != Rows.NONE && rowAxis != axis);
                Rows.mixes(rowAxis == Rows.NONE && own >= 0 && value.shape[own] != 1);
                Rows.mixes(rowAxis == axis && value.shape[own] != asked[i]);
                rowAxis = axis;
            } else {
                Rows.mixes(rowAxis == axis && asked[i] != 1);
            }
        }
        node.output(Views.expand(node.builder(), value, shape, rowAxis));
    }

    private static void tile(NodeContext node) {
        Val value = node.input(0);
        long[] repeats = node.constantLongs(1, "repeats");
        Refusal.unless(repeats.length == value.rank(), "repeats do not fit %s", value);
        Val result = value;
        for (int axis = 0; axis < repeats.length; axis++) {
            int count = Shapes.extent(repeats[axis]);
            if (count != 1) {
                Rows.spared(result, axis);
                result = tiled(node.builder(), result, axis, count);
            }
        }
        node.output(result);
    }

    private static Val tiled(Builder builder, Val value, int axis, int count) {
        Val inserted = Views.unsqueeze(builder, value, axis);
        int[] repeated = Shapes.with(inserted.shape, axis, count);
        Val expanded = Views.expand(builder, inserted, repeated, inserted.rowAxis);
        int extent = Math.multiplyExact(count, value.shape[axis]);
        return Views.reshape(
                builder, expanded, Shapes.with(value.shape, axis, extent), value.rowAxis);
    }

    private static void depthToSpace(NodeContext node) {
        Val value = image(node);
        int block = Shapes.extent(node.integer("blocksize", 0));
        boolean columnsFirst = node.text("mode", "DCR").equals("CRD");
        int[] s = value.shape;
        int depth = block == 0 ? 0 : s[1] / (block * block);
        Refusal.unless(depth * block * block == s[1], "blocks of %d do not fit %s", block, value);
        int[] split =
                columnsFirst
                        ? new int[] {s[0], depth, block, block, s[2], s[3]}
                        : new int[] {s[0], block, block, depth, s[2], s[3]};
        int[] order = columnsFirst ? new int[] {0, 1, 4, 2, 5, 3} : new int[] {0, 3, 4, 1, 5, 2};
        int[] whole = {s[0], depth, s[2] * block, s[3] * block};
        node.output(rearranged(node.builder(), value, split, order, whole));
    }

    private static void spaceToDepth(NodeContext node) {
        Val value = image(node);
        int block = Shapes.extent(node.integer("blocksize", 0));
        int[] s = value.shape;
        Refusal.unless(
                block > 0 && s[2] % block == 0 && s[3] % block == 0,
                "blocks of %d do not fit %s",
                block,
                value);
        int[] split = {s[0], s[1], s[2] / block, block, s[3] / block, block};
        int[] whole = {s[0], s[1] * block * block, s[2] / block, s[3] / block};
        int[] order = {0, 3, 5, 1, 2, 4};
        node.output(rearranged(node.builder(), value, split, order, whole));
    }

    private static Val image(NodeContext node) {
        Val value = node.input(0);
        Refusal.unless(value.rank() == 4, "%s is not a stack of images", value);
        Refusal.unless(value.rowAxis <= 0, "its rows are not the images: %s", value);
        return value;
    }

    private static Val rearranged(
            Builder builder, Val value, int[] split, int[] order, int[] whole) {
        Val parts = Views.reshape(builder, value, split, value.rowAxis);
        Val moved = Views.transpose(builder, parts, order);
        return Views.reshape(builder, moved, whole, value.rowAxis);
    }
}
