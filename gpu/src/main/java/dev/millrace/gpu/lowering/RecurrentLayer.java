package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * What recurrent operators share: sequences, directions, weights, and where states go. States of
 * one time step are [batch, hidden]; every time step has memory of its own, since a plan writes
 * nothing twice.
 */
final class RecurrentLayer {
    /** Computes one direction's hidden states one after another. */
    interface Cell {
        /**
         * The next hidden state, not yet stored.
         *
         * @param time position in the sequence
         * @param gates of the input at that time, biases included: [batch, gates * hidden]
         * @param before the hidden state before, empty where it is zero
         */
        Val next(int time, Val gates, Optional<Val> before);
    }

    final Builder builder;
    final int gates;
    final int hidden;
    private final NodeContext node;
    private final boolean batchFirst;
    private final String direction;

    /** [time, batch, features]. */
    private final Val sequence;

    private final Optional<Val> lengths;
    private final Val weights;
    private final Val recurrence;
    private final Optional<Val> biases;

    /** The gate whose recurrent bias the cell adds by itself; -1 if there is none. */
    private final int separateGate;

    RecurrentLayer(NodeContext node, int gates, int separateGate) {
        this.node = node;
        this.separateGate = separateGate;
        this.gates = gates;
        builder = node.builder();
        batchFirst = node.flag("layout", false);
        direction = node.text("direction", "forward");
        Val x = node.input(0);
        weights = node.input(1);
        recurrence = node.input(2);
        biases = node.optional(3);
        Refusal.unless(
                x.type == ElementType.FLOAT32
                        && x.rank() == 3
                        && weights.type == x.type
                        && weights.rank() == 3
                        && recurrence.type == x.type
                        && recurrence.rank() == 3,
                "sequences %s with weights %s and %s are not covered",
                x,
                weights,
                recurrence);
        hidden = recurrence.shape[2];
        Refusal.unless(
                node.integer("hidden_size", hidden) == hidden
                        && weights.shape[0] == directions()
                        && recurrence.shape[0] == directions()
                        && weights.shape[1] == gates * hidden
                        && recurrence.shape[1] == gates * hidden
                        && weights.shape[2] == x.shape[2],
                "weights %s and %s do not fit sequences %s, %d directions and hidden_size",
                weights,
                recurrence,
                x,
                directions());
        Rows.absent(weights, "a weight");
        Rows.absent(recurrence, "a weight");
        sequence = batchFirst ? permuted(x, 1, 0, 2) : x;
        Rows.spared(sequence, 0, 2);
        lengths = node.optional(4).filter(this::shortens);
    }

    /** Whether any sequence may be shorter than the whole. */
    private boolean shortens(Val counts) {
        Refusal.unless(
                counts.rank() == 1 && counts.kind() == ScalarKind.I64 && counts.shape[0] == batch(),
                "sequence_lens %s do not fit a batch of %d",
                counts,
                batch());
        if (!builder.isConstant(counts)) {
            return true;
        }
        for (long count : builder.tensor(counts).toLongs()) {
            if (count < times()) {
                return true;
            }
        }
        return false;
    }

    int directions() {
        return switch (direction) {
            case "forward", "reverse" -> 1;
            case "bidirectional" -> 2;
            default -> throw new Refusal("direction " + direction + " is not known");
        };
    }

    int times() {
        return sequence.shape[0];
    }

    int batch() {
        return sequence.shape[1];
    }

    /** The dimension of the rows in a state. */
    private int rowAxis() {
        return sequence.hasRows() ? 0 : Rows.NONE;
    }

    /** Unrolls the layer and gives the outputs Y and Y_h. */
    void run(IntFunction<Cell> cells) {
        int[] shape =
                batchFirst
                        ? new int[] {batch(), times(), directions(), hidden}
                        : new int[] {times(), directions(), batch(), hidden};
        int axis = sequence.hasRows() ? (batchFirst ? 0 : 2) : Rows.NONE;
        Val all = builder.allocate(ElementType.FLOAT32, shape, axis);
        List<Val> last = new ArrayList<>();
        for (int number = 0; number < directions(); number++) {
            last.add(run(number, cells.apply(number), all));
        }
        node.output(0, all);
        node.output(1, states(last));
    }

    private Val run(int number, Cell cell, Val all) {
        Val inputs = inputGates(number);
        Optional<Val> before = initial(5, number);
        Val kept = lengths.isPresent() ? memory() : null;
        for (int step = 0; step < times(); step++) {
            int time = isReverse(number) ? times() - 1 - step : step;
            Val state = cell.next(time, at(inputs, time), before);
            Val place = placed(all, time, number);
            if (kept == null) {
                builder.compute(state, place.view());
                before = Optional.of(place);
            } else {
                before = Optional.of(keep(state, before, time, kept));
                builder.compute(whereShorter(before.get(), Optional.empty(), time), place.view());
            }
        }
        return before.orElseGet(this::zero);
    }

    private boolean isReverse(int number) {
        return number == 1 || direction.equals("reverse");
    }

    /** What the input contributes to the gates at all times: [time, batch, gates * hidden]. */
    private Val inputGates(int number) {
        Val right = laid(Matrices.transposed(slice(weights, number), builder));
        Val product =
                Matrices.product(
                        builder, ElementType.FLOAT32, sequence, right, false, bias(number));
        builder.view(product);
        return product;
    }

    /** Biases that are simply added: those of the input, and of the recurrence but for a gate. */
    private Optional<Val> bias(int number) {
        if (biases.isEmpty()) {
            return Optional.empty();
        }
        Val all = slice(biases.get(), number);
        Tensor tensor = builder.required(all, "the biases");
        int half = gates * hidden;
        Refusal.unless(tensor.elements() == 2 * half, "biases %s do not fit", biases.get());
        float[] sums = new float[half];
        for (int i = 0; i < half; i++) {
            boolean added = i / hidden != separateGate;
            sums[i] = tensor.floatAt(i) + (added ? tensor.floatAt(half + i) : 0);
        }
        return Optional.of(builder.constant(new int[] {half}, sums));
    }

    /** The bias of the recurrence for one gate. */
    Optional<Val> recurrentBias(int number, int gate) {
        if (biases.isEmpty()) {
            return Optional.empty();
        }
        Tensor tensor = builder.required(slice(biases.get(), number), "the biases");
        int start = (gates + gate) * hidden;
        return Optional.of(
                builder.constant(
                        new int[] {hidden},
                        Arrays.copyOfRange(tensor.toFloats(), start, start + hidden)));
    }

    /** The recurrence's weights for neighbouring gates, [hidden, count * hidden]. */
    Val recurrence(int number, int firstGate, int count) {
        Val all = slice(recurrence, number);
        View view =
                builder.view(all).shifted(firstGate * hidden * builder.view(all).strides().get(0));
        Val part = builder.viewed(all, new int[] {count * hidden, hidden}, Rows.NONE, view);
        return laid(Matrices.transposed(part, builder));
    }

    /** A constant laid out anew, once for all time steps. */
    private Val laid(Val weights) {
        return builder.isConstant(weights) ? builder.constant(builder.tensor(weights)) : weights;
    }

    /** {@code start + state x weights}, the start being part of the gates: [batch, ...]. */
    Val product(Val state, Val right, Optional<Val> start) {
        return Matrices.product(builder, ElementType.FLOAT32, state, right, false, start)
                .withRowAxis(rowAxis());
    }

    /** Neighbouring gates of a time step, [batch, count * hidden]. */
    Val gates(Val all, int first, int count) {
        View view = builder.view(all);
        int stride = view.strides().get(1);
        return builder.viewed(
                all,
                new int[] {batch(), count * hidden},
                all.rowAxis,
                view.shifted(first * hidden * stride));
    }

    Val map(List<Val> operands, Function<List<Expr>, Expr> body) {
        return builder.elementwise(ElementType.FLOAT32, operands, body).withRowAxis(rowAxis());
    }

    /** Memory for a state at all times, [time, batch, hidden]. */
    Val memory() {
        int axis = sequence.hasRows() ? 1 : Rows.NONE;
        return builder.allocate(ElementType.FLOAT32, new int[] {times(), batch(), hidden}, axis);
    }

    /** Stores a state where its sequence is long enough; else the one before stays. */
    Val keep(Val state, Optional<Val> before, int time, Val memory) {
        Val place = at(memory, time);
        builder.compute(whereShorter(state, before, time), place.view());
        return place;
    }

    /** A state, but where the sequence has ended another one or zero. */
    private Val whereShorter(Val state, Optional<Val> otherwise, int time) {
        if (lengths.isEmpty()) {
            return state;
        }
        Val counts = lengths.get();
        View view = builder.view(counts);
        Val spread =
                builder.viewed(
                        counts,
                        new int[] {batch(), 1},
                        counts.rowAxis,
                        new View(view.value(), view.offset(), List.of(view.strides().get(0), 0)));
        List<Val> operands = new ArrayList<>(List.of(state, spread));
        otherwise.ifPresent(operands::add);
        return map(
                operands,
                x ->
                        Terms.select(
                                Terms.less(Exprs.i64(time), x.get(1)),
                                x.get(0),
                                x.size() == 3 ? x.get(2) : Exprs.f32(0)));
    }

    /** One time of [time, batch, ...]. */
    private Val at(Val all, int time) {
        View view = builder.view(all);
        return builder.viewed(
                all,
                new int[] {all.shape[1], all.shape[2]},
                rowAxis(),
                new View(
                        view.value(),
                        view.offset() + time * view.strides().get(0),
                        view.strides().subList(1, 3)));
    }

    /** The place of a state in the output Y. */
    private Val placed(Val all, int time, int number) {
        List<Integer> strides = all.view().strides();
        int timeStride = strides.get(batchFirst ? 1 : 0);
        int numberStride = strides.get(batchFirst ? 2 : 1);
        int batchStride = strides.get(batchFirst ? 0 : 2);
        return builder.viewed(
                all,
                new int[] {batch(), hidden},
                rowAxis(),
                new View(
                        all.view().value(),
                        all.view().offset() + time * timeStride + number * numberStride,
                        List.of(batchStride, strides.get(3))));
    }

    /** A given initial state of one direction. */
    Optional<Val> initial(int input, int number) {
        if (!node.has(input)) {
            return Optional.empty();
        }
        Val given = node.input(input);
        int[] expected =
                batchFirst
                        ? new int[] {batch(), directions(), hidden}
                        : new int[] {directions(), batch(), hidden};
        Refusal.unless(
                Arrays.equals(given.shape, expected), "an initial state %s does not fit", given);
        Val turned = batchFirst ? permuted(given, 1, 0, 2) : given;
        Rows.spared(turned, 0, 2);
        return Optional.of(slice(turned, number));
    }

    /** Final states of all directions as an output. */
    Val states(List<Val> last) {
        int[] shape =
                batchFirst
                        ? new int[] {batch(), directions(), hidden}
                        : new int[] {directions(), batch(), hidden};
        int axis = sequence.hasRows() ? (batchFirst ? 0 : 1) : Rows.NONE;
        Val all = builder.allocate(ElementType.FLOAT32, shape, axis);
        List<Integer> strides = all.view().strides();
        for (int number = 0; number < last.size(); number++) {
            View place =
                    new View(
                            all.view().value(),
                            number * strides.get(batchFirst ? 1 : 0),
                            List.of(strides.get(batchFirst ? 0 : 1), strides.get(2)));
            builder.compute(last.get(number), place);
        }
        return all;
    }

    Val zero() {
        int[] shape = {batch(), hidden};
        return builder.constant(shape, new float[Shapes.elements(shape)]);
    }

    private Val slice(Val all, int number) {
        View view = builder.view(all);
        int[] shape = Arrays.copyOfRange(all.shape, 1, all.rank());
        int axis = all.hasRows() ? all.rowAxis - 1 : Rows.NONE;
        List<Integer> strides = view.strides().subList(1, all.rank());
        int offset = view.offset() + number * view.strides().get(0);
        return builder.viewed(all, shape, axis, new View(view.value(), offset, strides));
    }

    private Val permuted(Val value, int... order) {
        int[] shape = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            shape[i] = value.shape[order[i]];
        }
        int axis = Shapes.boxed(order).indexOf(value.rowAxis);
        View view = builder.view(value).pick(Shapes.boxed(order));
        return builder.viewed(value, shape, axis, view);
    }
}
