package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.PlanValue.Role;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Plans that no model has: every kind of step, type and access, at random. For comparing backends
 * bit for bit.
 */
public final class RandomPlans {
    private static final int MOST_ELEMENTS = 600;

    private final Random random;
    private final RandomExprs exprs;
    private final List<PlanValue> values = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<TensorSpec> inputs = new ArrayList<>();
    private final List<TensorSpec> outputs = new ArrayList<>();

    private RandomPlans(Random random) {
        this.random = random;
        this.exprs = new RandomExprs(random);
    }

    /** A plan of so many steps, each of which reads what came before; all last ones are outputs. */
    public static Plan next(Random random, int stepCount) {
        RandomPlans plans = new RandomPlans(random);
        int inputCount = 1 + random.nextInt(3);
        for (int input = 0; input < inputCount; input++) {
            plans.input(input);
        }
        plans.constant();
        for (int step = 0; step < stepCount; step++) {
            plans.constant();
            plans.step(step == stepCount - 1 || random.nextInt(3) == 0);
        }
        return new Plan(
                new ModelSignature(plans.inputs, plans.outputs),
                Plan.RowMode.FIRST_DIMENSION,
                plans.values,
                plans.steps);
    }

    private ElementType type() {
        ElementType[] types = ElementType.values();
        return random.nextInt(3) == 0 ? ElementType.FLOAT32 : RandomExprs.pick(random, types);
    }

    private List<Integer> shape(int mostRank, int mostExtent) {
        List<Integer> shape = new ArrayList<>();
        int rank = random.nextInt(mostRank + 1);
        int size = 1;
        for (int dimension = 0; dimension < rank; dimension++) {
            int extent = 1 + random.nextInt(mostExtent);
            if (size * extent <= MOST_ELEMENTS) {
                shape.add(extent);
                size *= extent;
            }
        }
        return shape;
    }

    private void input(int number) {
        ElementType type = type();
        List<Integer> shape = shape(3, 7);
        inputs.add(new TensorSpec("x" + number, type, shape));
        add("x" + number, type, shape, Role.INPUT, number, Optional.empty());
    }

    private void constant() {
        ElementType type = type();
        List<Integer> shape = shape(3, 7);
        add("w", type, shape, Role.CONSTANT, -1, Optional.of(tensor(type, shape)));
    }

    private Tensor tensor(ElementType type, List<Integer> shape) {
        int elements = size(shape);
        return switch (ScalarKind.of(type)) {
            case F32 -> {
                float[] floats = new float[elements];
                for (int i = 0; i < elements; i++) {
                    floats[i] = RandomExprs.anyFloat(random);
                    if (type != ElementType.FLOAT32) {
                        floats[i] = dev.millrace.gpu.model.Storage.narrow(type, floats[i]);
                    }
                }
                yield Tensor.of(type, shape, floats);
            }
            case F64 ->
                    Tensor.of(
                            type,
                            shape,
                            random.doubles(elements).map(x -> (x - 0.5) * 100).toArray());
            case I64 -> {
                long[] longs = new long[elements];
                for (int i = 0; i < elements; i++) {
                    longs[i] =
                            dev.millrace.gpu.model.Storage.narrow(
                                    type, RandomExprs.anyLong(random));
                }
                yield Tensor.of(type, shape, longs);
            }
        };
    }

    private static int size(List<Integer> shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        return size;
    }

    private int add(
            String name,
            ElementType type,
            List<Integer> shape,
            Role role,
            int slot,
            Optional<Tensor> tensor) {
        int id = values.size();
        values.add(new PlanValue(id, name, type, shape, role, slot, tensor));
        return id;
    }

    private int target(boolean output, ElementType type, List<Integer> shape) {
        if (!output) {
            return add("t", type, shape, Role.INTERMEDIATE, -1, Optional.empty());
        }
        outputs.add(new TensorSpec("y" + outputs.size(), type, shape));
        return add("y", type, shape, Role.OUTPUT, outputs.size() - 1, Optional.empty());
    }

    private void step(boolean output) {
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> elementwise(output);
            case 3, 4 -> contraction(output);
            case 5 -> reduction(output);
            case 6 -> argReduction(output);
            case 7 -> scan(output);
            default -> trees(output);
        }
    }

    /** Several accesses over a space, in bounds, to any value there is. */
    private List<Access> accesses(List<Integer> space, int count) {
        List<Access> accesses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PlanValue value = values.get(random.nextInt(values.size()));
            accesses.add(access(value, space));
        }
        return accesses;
    }

    private Access access(PlanValue value, List<Integer> space) {
        int last = value.elements() - 1;
        List<Integer> strides = new ArrayList<>();
        int lowest = 0;
        int highest = 0;
        int step = 1;
        for (int dimension = space.size() - 1; dimension >= 0; dimension--) {
            int stride =
                    switch (random.nextInt(4)) {
                        case 0 -> 0;
                        case 1 -> -step;
                        default -> step;
                    };
            int reach = stride * (space.get(dimension) - 1);
            int newLowest = Math.min(lowest, lowest + reach);
            int newHighest = Math.max(highest, highest + reach);
            if (newHighest - newLowest > last) {
                stride = 0;
            } else {
                lowest = newLowest;
                highest = newHighest;
            }
            strides.add(0, stride);
            step *= space.get(dimension);
        }
        int offset = -lowest + random.nextInt(last - (highest - lowest) + 1);
        return new Access(value.id(), offset, strides);
    }

    /** Row-major over the whole of a new value. */
    private static Access whole(int id, List<Integer> space) {
        List<Integer> strides = new ArrayList<>();
        int step = 1;
        for (int dimension = space.size() - 1; dimension >= 0; dimension--) {
            strides.add(0, step);
            step *= space.get(dimension);
        }
        return new Access(id, 0, strides);
    }

    private List<RandomExprs.Source> sources(List<Access> accesses, int from) {
        List<RandomExprs.Source> sources = new ArrayList<>();
        for (int i = from; i < accesses.size(); i++) {
            PlanValue value = values.get(accesses.get(i).value());
            boolean still = accesses.get(i).strides().stream().allMatch(stride -> stride == 0);
            int after = still ? value.elements() - accesses.get(i).offset() : 1;
            sources.add(new RandomExprs.Source(i, ScalarKind.of(value.type()), after));
        }
        return sources;
    }

    private void elementwise(boolean output) {
        List<Integer> space = shape(3, 7);
        List<Access> accesses = accesses(space, 1 + random.nextInt(4));
        ElementType type = type();
        Expr body =
                exprs.next(ScalarKind.of(type), sources(accesses, 0), space, Optional.empty(), 4);
        Access to = whole(target(output, type, space), space);
        steps.add(new Step.Elementwise("Random", space, accesses, body, to));
    }

    private void contraction(boolean output) {
        ScalarKind kind = RandomExprs.pick(random, ScalarKind.values());
        List<Integer> space = shape(2, 9);
        List<Integer> reduced = shape(2, 9);
        List<Integer> both = new ArrayList<>(space);
        both.addAll(reduced);
        List<Access> accesses = new ArrayList<>();
        accesses.add(access(ofKind(kind, false), both));
        accesses.add(access(ofKind(kind, random.nextBoolean()), both));
        accesses.addAll(accesses(space, 2));
        ElementType type = type();
        Expr initial = exprs.next(kind, sources(accesses, 2), space, Optional.empty(), 2);
        Expr finish =
                exprs.next(ScalarKind.of(type), sources(accesses, 2), space, Optional.of(kind), 3);
        Access to = whole(target(output, type, space), space);
        steps.add(
                new Step.Contraction(
                        "Random", kind, space, reduced, false, accesses, initial, finish, to));
    }

    /** A value of a kind: one there is, or a new constant. */
    private PlanValue ofKind(ScalarKind kind, boolean constant) {
        for (int attempt = 0; attempt < 30; attempt++) {
            PlanValue value = values.get(random.nextInt(values.size()));
            if (ScalarKind.of(value.type()) == kind && value.isConstant() == constant) {
                return value;
            }
        }
        ElementType type =
                switch (kind) {
                    case F32 -> ElementType.FLOAT32;
                    case F64 -> ElementType.FLOAT64;
                    case I64 -> ElementType.INT32;
                };
        List<Integer> shape = List.of(1 + random.nextInt(80));
        return values.get(
                add("w", type, shape, Role.CONSTANT, -1, Optional.of(tensor(type, shape))));
    }

    private void reduction(boolean output) {
        ScalarKind kind = RandomExprs.pick(random, ScalarKind.values());
        List<Integer> space = shape(2, 5);
        List<Integer> reduced =
                random.nextBoolean() ? shape(2, 4) : List.of(17 + random.nextInt(90));
        List<Integer> both = new ArrayList<>(space);
        both.addAll(reduced);
        List<Access> accesses = accesses(both, 2);
        ElementType type = type();
        Expr term = exprs.next(kind, sources(accesses, 0), both, Optional.empty(), 2);
        Expr finish = exprs.next(ScalarKind.of(type), List.of(), space, Optional.of(kind), 2);
        Step.Combine combine = RandomExprs.pick(random, Step.Combine.values());
        Access to = whole(target(output, type, space), space);
        steps.add(
                new Step.Reduction(
                        "Random", kind, combine, space, reduced, accesses, term, finish, to));
    }

    private void argReduction(boolean output) {
        List<Integer> space = shape(2, 5);
        List<Integer> reduced = shape(2, 6);
        List<Integer> both = new ArrayList<>(space);
        both.addAll(reduced);
        List<Access> accesses = accesses(both, 2);
        ElementType type = type();
        ScalarKind kind = RandomExprs.pick(random, ScalarKind.values());
        Expr term = exprs.next(kind, sources(accesses, 0), both, Optional.empty(), 2);
        Expr finish =
                exprs.next(ScalarKind.of(type), List.of(), space, Optional.of(ScalarKind.I64), 1);
        Access to = whole(target(output, type, space), space);
        steps.add(
                new Step.ArgReduction(
                        "Random",
                        random.nextBoolean(),
                        random.nextBoolean(),
                        space,
                        reduced,
                        accesses,
                        term,
                        finish,
                        to));
    }

    private void scan(boolean output) {
        ScalarKind kind = RandomExprs.pick(random, ScalarKind.values());
        PlanValue source = ofKind(kind, false);
        List<Integer> space = shape(1, 4);
        int length = 1 + random.nextInt(source.elements());
        List<Integer> whole = new ArrayList<>(space);
        whole.add(length);
        Access input = access(source, whole);
        if (random.nextBoolean()) {
            Access to = whole(target(output, source.type(), whole), whole);
            steps.add(
                    new Step.RunningSum(
                            "Random",
                            kind,
                            space,
                            length,
                            random.nextBoolean(),
                            random.nextBoolean(),
                            input,
                            to));
            return;
        }
        int count = 1 + random.nextInt(length);
        List<Integer> best = new ArrayList<>(space);
        best.add(count);
        Access to = whole(target(output, source.type(), best), best);
        Optional<Access> positions = Optional.empty();
        if (random.nextBoolean()) {
            positions = Optional.of(whole(target(output, ElementType.INT64, best), best));
        }
        steps.add(
                new Step.TopK(
                        "Random",
                        kind,
                        random.nextBoolean(),
                        space,
                        length,
                        count,
                        input,
                        to,
                        positions));
    }

    private void trees(boolean output) {
        boolean wide = random.nextInt(3) == 0;
        PlanValue features = ofKind(wide ? ScalarKind.F64 : ScalarKind.F32, false);
        int targets = 1 + random.nextInt(3);
        Trees.Aggregate[] aggregates = Trees.Aggregate.values();
        Trees trees =
                new RandomForest(random, features.elements(), targets, wide)
                        .grow(
                                1 + random.nextInt(20),
                                random.nextInt(7),
                                RandomExprs.pick(random, aggregates));
        ElementType type = random.nextInt(3) == 0 ? ElementType.FLOAT64 : ElementType.FLOAT32;
        Access to = whole(target(output, type, List.of(targets)), List.of(targets));
        steps.add(
                new Step.TreeEnsemble(
                        "Random", trees, new Access(features.id(), 0, List.of(1)), to));
    }
}
