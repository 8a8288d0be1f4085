package dev.millrace.gpu.cpu;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.UnaryOp;
import dev.millrace.gpu.testing.Adversary;
import dev.millrace.gpu.testing.PlanBuilder;
import dev.millrace.gpu.testing.TestPlans;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A contraction whose dimensions are groups, positions and outputs in any order, its operands laid
 * out in any order of their dimensions, from any start and with any finish.
 */
final class RandomProduct {
    private final Random random;
    private final List<Integer> space = new ArrayList<>();

    /** Per dimension of the space: whether the left and the right operand move along it. */
    private final List<boolean[]> moves = new ArrayList<>();

    private final List<Integer> reduced = new ArrayList<>();
    private final Plan plan;

    RandomProduct(Random random) {
        this.random = random;
        int dimensions = random.nextInt(5);
        for (int d = 0; d < dimensions; d++) {
            space.add(1 + random.nextInt(random.nextInt(4) == 0 ? 20 : 6));
            int kind = random.nextInt(5);
            moves.add(new boolean[] {kind != 0 && kind != 1, kind != 2 && kind != 3});
        }
        int terms = 1 + random.nextInt(3);
        for (int k = 0; k < terms; k++) {
            reduced.add(1 + random.nextInt(6));
        }
        plan = makePlan();
    }

    Plan plan() {
        return plan;
    }

    private Plan makePlan() {
        List<Integer> left = layout(0);
        List<Integer> right = layout(1);
        List<Integer> output = contiguous(space, shuffled(space.size()));
        int leftExtent = extent(whole(), left);
        int rightExtent = extent(whole(), right);
        int outputs = space.stream().reduce(1, Math::multiplyExact);
        boolean ownRight = random.nextInt(3) == 0;
        int start = random.nextInt(3);
        PlanBuilder builder = new PlanBuilder();
        int features = leftExtent + rightExtent + outputs + 3;
        int x = builder.input(features);
        int y = builder.output(outputs + 2);
        int w = ownRight ? x : builder.constant(Adversary.floats(random, rightExtent + 3));
        List<Access> inputs = new ArrayList<>();
        inputs.add(new Access(x, 1, left));
        inputs.add(new Access(w, ownRight ? 2 + leftExtent : 3, right));
        if (start > 0) {
            List<Integer> strides = contiguous(space, shuffled(space.size()));
            if (start == 1) {
                strides = strides.stream().map(s -> random.nextInt(3) == 0 ? 0 : s).toList();
                int b = builder.constant(Adversary.floats(random, outputs));
                inputs.add(new Access(b, 0, strides));
            } else {
                inputs.add(new Access(x, 2 + leftExtent + rightExtent, strides));
            }
        }
        builder.step(
                new Step.Contraction(
                        "MatMul",
                        ScalarKind.F32,
                        space,
                        reduced,
                        false,
                        inputs,
                        start > 0 ? new Expr.Load(2, ScalarKind.F32) : Exprs.f32(-0f),
                        finish(),
                        new Access(y, 1, output)));
        return builder.build();
    }

    private Expr finish() {
        return switch (random.nextInt(3)) {
            case 0 -> PlanBuilder.SUM;
            case 1 -> TestPlans.relu();
            default -> new Expr.Unary(UnaryOp.TANH, PlanBuilder.SUM);
        };
    }

    private List<Integer> whole() {
        List<Integer> whole = new ArrayList<>(space);
        whole.addAll(reduced);
        return whole;
    }

    /** Strides of an operand over space and terms; 0 where it stands still. */
    private List<Integer> layout(int operand) {
        List<Integer> whole = whole();
        List<Integer> order = new ArrayList<>();
        for (int d : shuffled(whole.size())) {
            if (d >= space.size() || moves.get(d)[operand]) {
                order.add(d);
            }
        }
        List<Integer> strides = contiguous(whole, order);
        // Windows that overlap: two dimensions of the same pace.
        if (order.size() > 2 && random.nextInt(3) == 0) {
            List<Integer> overlapping = new ArrayList<>(strides);
            overlapping.set(order.get(0), strides.get(order.get(1)));
            return overlapping;
        }
        return strides;
    }

    private List<Integer> shuffled(int count) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(order, random);
        return order;
    }

    /** Strides of elements side by side, dimensions in an order, outermost first. */
    private static List<Integer> contiguous(List<Integer> extents, List<Integer> order) {
        List<Integer> strides = new ArrayList<>(Collections.nCopies(extents.size(), 0));
        int stride = 1;
        for (int i = order.size() - 1; i >= 0; i--) {
            strides.set(order.get(i), stride);
            stride *= extents.get(order.get(i));
        }
        return strides;
    }

    private static int extent(List<Integer> extents, List<Integer> strides) {
        int last = 0;
        for (int d = 0; d < extents.size(); d++) {
            last += (extents.get(d) - 1) * strides.get(d);
        }
        return last + 1;
    }
}
