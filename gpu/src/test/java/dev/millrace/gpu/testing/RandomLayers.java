package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.PlanValue.Role;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.Trees;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Plans of dense layers and ensembles, as backends have fast ways for them, but laid out in every
 * way: weights either way round, parts of values, strides of both signs, sums that start from
 * constants, from the record or from an expression.
 */
public final class RandomLayers {
    private static final float[] STARTS = {0f, -0f, 1.5f};

    private final Random random;
    private final List<PlanValue> values = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<TensorSpec> inputs = new ArrayList<>();
    private final List<TensorSpec> outputs = new ArrayList<>();

    private RandomLayers(Random random) {
        this.random = random;
    }

    /**
     * A plan of so many layers, each of which reads what came before; the last one is an output.
     */
    public static Plan next(Random random, int layers) {
        RandomLayers plan = new RandomLayers(random);
        for (int input = 0; input < 1 + random.nextInt(2); input++) {
            int elements = 1 + random.nextInt(random.nextInt(3) == 0 ? 120 : 12);
            plan.inputs.add(new TensorSpec("x" + input, ElementType.FLOAT32, List.of(elements)));
            plan.add(Role.INPUT, input, elements, Optional.empty());
        }
        for (int layer = 0; layer < layers; layer++) {
            boolean output = layer == layers - 1 || random.nextInt(4) == 0;
            switch (random.nextInt(6)) {
                case 0 -> plan.trees(output);
                case 1 -> plan.sequence(output);
                default -> plan.dense(output);
            }
        }
        return new Plan(
                new ModelSignature(plan.inputs, plan.outputs),
                Plan.RowMode.FIRST_DIMENSION,
                plan.values,
                plan.steps);
    }

    private int add(Role role, int slot, int elements, Optional<Tensor> tensor) {
        int id = values.size();
        List<Integer> shape = List.of(elements);
        values.add(new PlanValue(id, "v" + id, ElementType.FLOAT32, shape, role, slot, tensor));
        return id;
    }

    private int target(boolean output, int elements) {
        if (!output) {
            return add(Role.INTERMEDIATE, -1, elements, Optional.empty());
        }
        String name = "y" + outputs.size();
        outputs.add(new TensorSpec(name, ElementType.FLOAT32, List.of(elements)));
        return add(Role.OUTPUT, outputs.size() - 1, elements, Optional.empty());
    }

    private int constant(int elements) {
        Tensor tensor =
                Tensor.of(
                        ElementType.FLOAT32, List.of(elements), Adversary.floats(random, elements));
        return add(Role.CONSTANT, -1, elements, Optional.of(tensor));
    }

    /** A value of the record's, late ones more often. */
    private PlanValue own() {
        List<PlanValue> own = values.stream().filter(value -> !value.isConstant()).toList();
        int back = Math.min(random.nextInt(own.size()), random.nextInt(own.size()));
        return own.get(own.size() - 1 - back);
    }

    private int outputCount() {
        return switch (random.nextInt(4)) {
            case 0 -> 1 + random.nextInt(3);
            case 1 -> 4 * (1 + random.nextInt(20));
            case 2 -> 1 + random.nextInt(140);
            default -> 1 + random.nextInt(20);
        };
    }

    /** A vector out of a value: at most so many elements, at any pace. */
    private Access vector(PlanValue value, int most) {
        int last = value.elements() - 1;
        int stride = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(3);
        int length =
                random.nextBoolean() ? last / stride + 1 : 1 + random.nextInt(last / stride + 1);
        int reach = (Math.min(length, most) - 1) * stride;
        int offset = random.nextInt(last - reach + 1);
        return random.nextInt(4) == 0
                ? new Access(value.id(), offset + reach, List.of(-stride))
                : new Access(value.id(), offset, List.of(stride));
    }

    /** How many elements from an access's first one on are within the value. */
    private static int reachable(PlanValue value, Access access) {
        int stride = access.strides().get(0);
        int ahead = stride > 0 ? value.elements() - 1 - access.offset() : access.offset();
        return ahead / Math.abs(stride) + 1;
    }

    /** One or two steps that fill a value of their own. */
    private void dense(boolean output) {
        PlanValue x = own();
        int count = outputCount();
        List<PlanValue> readable = List.copyOf(values);
        int y = target(output, count);
        int first = random.nextInt(4) == 0 ? random.nextInt(count) : 0;
        boolean backwards = first == 0 && random.nextInt(6) == 0;
        if (first > 0) {
            layer(readable, x, new Access(y, 0, List.of(1)), first);
        }
        int rest = count - first;
        layer(
                readable,
                x,
                backwards
                        ? new Access(y, count - 1, List.of(-1))
                        : new Access(y, first, List.of(1)),
                rest);
    }

    private void layer(List<PlanValue> readable, PlanValue x, Access to, int count) {
        Access vector = vector(x, Integer.MAX_VALUE);
        int terms = 1 + random.nextInt(reachable(x, vector));
        int stride = vector.strides().get(0);
        boolean point = count == 1 && random.nextBoolean();
        Access left =
                new Access(x.id(), vector.offset(), point ? List.of(stride) : List.of(0, stride));
        Access right = weights(terms, count, point);
        List<Integer> space = point ? List.of() : List.of(count);
        List<Access> accesses = new ArrayList<>(List.of(left, right));
        Expr initial = start(accesses, readable, space);
        Expr finish = finish(accesses, readable, space);
        Access place = point ? new Access(to.value(), to.offset(), List.of()) : to;
        contraction(space, terms, accesses, initial, finish, place);
    }

    private void contraction(
            List<Integer> space,
            int terms,
            List<Access> accesses,
            Expr initial,
            Expr finish,
            Access to) {
        steps.add(
                new Step.Contraction(
                        "Random",
                        ScalarKind.F32,
                        space,
                        List.of(terms),
                        false,
                        accesses,
                        initial,
                        finish,
                        to));
    }

    /** The same layer at each position of a value. */
    private void sequence(boolean output) {
        PlanValue x = own();
        int positions = 1 + random.nextInt(Math.min(9, x.elements()));
        int width = x.elements() / positions;
        int count = 1 + random.nextInt(20);
        List<PlanValue> readable = List.copyOf(values);
        int y = target(output, positions * count);
        int terms = random.nextBoolean() ? width : 1 + random.nextInt(width);
        int offset = random.nextInt(width - terms + 1);
        Access right = weights(terms, count, false);
        List<Integer> strides = new ArrayList<>(right.strides());
        strides.add(0, 0);
        List<Access> accesses = new ArrayList<>();
        accesses.add(new Access(x.id(), offset, List.of(width, 0, 1)));
        accesses.add(new Access(right.value(), right.offset(), strides));
        List<Integer> space = List.of(positions, count);
        Expr initial = start(accesses, readable, space);
        Expr finish = finish(accesses, readable, space);
        contraction(space, terms, accesses, initial, finish, new Access(y, 0, List.of(count, 1)));
    }

    /** A matrix, outputs or terms side by side, perhaps part of a larger one. */
    private Access weights(int terms, int count, boolean point) {
        boolean transposed = random.nextInt(3) == 0;
        int pad = random.nextInt(3) == 0 ? random.nextInt(5) : 0;
        int offset = random.nextInt(3) == 0 ? random.nextInt(9) : 0;
        int line = (transposed ? terms : count) + pad;
        int w = constant(offset + line * (transposed ? count : terms));
        List<Integer> strides = transposed ? List.of(line, 1) : List.of(1, line);
        return new Access(w, offset, point ? strides.subList(1, 2) : strides);
    }

    /** What sums start from. */
    private Expr start(List<Access> accesses, List<PlanValue> readable, List<Integer> space) {
        return switch (random.nextInt(6)) {
            case 0 -> Exprs.f32(STARTS[random.nextInt(STARTS.length)]);
            case 1 ->
                    new Expr.Binary(
                            BinaryOp.ADD,
                            constantOver(accesses, space),
                            constantOver(accesses, space));
            case 2 -> ownOver(accesses, readable, space);
            default -> constantOver(accesses, space);
        };
    }

    private Expr finish(List<Access> accesses, List<PlanValue> readable, List<Integer> space) {
        return switch (random.nextInt(7)) {
            case 0, 1 -> PlanBuilder.SUM;
            case 2 -> TestPlans.relu();
            case 3 -> new Expr.Binary(BinaryOp.MAX, Exprs.f32(0), PlanBuilder.SUM);
            case 4 -> new Expr.Unary(UnaryOp.TANH, PlanBuilder.SUM);
            case 5 -> new Expr.Binary(BinaryOp.MUL, PlanBuilder.SUM, constantOver(accesses, space));
            default ->
                    new Expr.Binary(
                            BinaryOp.ADD, ownOver(accesses, readable, space), PlanBuilder.SUM);
        };
    }

    private Expr constantOver(List<Access> accesses, List<Integer> space) {
        List<Integer> strides = new ArrayList<>();
        int offset = random.nextInt(3);
        int last = offset;
        for (int extent : space) {
            int stride = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(3) / 2;
            boolean back = random.nextInt(5) == 0;
            last += stride * (extent - 1);
            offset += back ? stride * (extent - 1) : 0;
            strides.add(back ? -stride : stride);
        }
        accesses.add(new Access(constant(last + 1), offset, strides));
        return new Expr.Load(accesses.size() - 1, ScalarKind.F32);
    }

    /** Of the record's own values, where one is long enough; else its first element. */
    private Expr ownOver(List<Access> accesses, List<PlanValue> readable, List<Integer> space) {
        List<PlanValue> own = readable.stream().filter(value -> !value.isConstant()).toList();
        PlanValue value = own.get(random.nextInt(own.size()));
        List<Integer> strides = new ArrayList<>();
        int last = 0;
        for (int extent : space) {
            boolean fits = last + extent <= value.elements();
            strides.add(fits ? 1 : 0);
            last += fits ? extent - 1 : 0;
        }
        accesses.add(new Access(value.id(), value.elements() - 1 - last, strides));
        return new Expr.Load(accesses.size() - 1, ScalarKind.F32);
    }

    private void trees(boolean output) {
        PlanValue x = own();
        Access features = vector(x, Integer.MAX_VALUE);
        int count = 1 + random.nextInt(reachable(x, features));
        int targets = 1 + random.nextInt(4);
        Trees.Aggregate[] aggregates = Trees.Aggregate.values();
        Trees trees =
                new RandomForest(random, count, targets, false)
                        .grow(
                                1 + random.nextInt(20),
                                random.nextInt(7),
                                aggregates[random.nextInt(aggregates.length)]);
        int y = target(output, targets);
        Access to =
                random.nextInt(4) == 0
                        ? new Access(y, targets - 1, List.of(-1))
                        : new Access(y, 0, List.of(1));
        steps.add(new Step.TreeEnsemble("Random", trees, features, to));
    }
}
