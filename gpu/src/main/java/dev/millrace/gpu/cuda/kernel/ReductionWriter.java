package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;

/** Writes reductions: 32 strided partial results, then one tree. */
final class ReductionWriter {
    private static final int PARTIALS = 32;

    /** Up to here one thread holds all partial results in registers; beyond, a warp shares them. */
    private static final int MOST_PER_THREAD = 16;

    private final StepWriter steps;
    private final CodeText code;

    ReductionWriter(StepWriter steps) {
        this.steps = steps;
        this.code = steps.code();
    }

    void write(Step.Reduction step) {
        if (Point.size(step.reduced()) <= MOST_PER_THREAD) {
            byThread(step);
        } else {
            byWarp(step);
        }
    }

    private void byThread(Step.Reduction step) {
        int count = Point.size(step.reduced());
        String type = Types.scalar(step.kind());
        Point point = steps.openThreads(step.space(), step.output());
        code.line("%s part[%d];", type, Math.max(1, count));
        code.line("part[0] = %s;", identity(step));
        if (count > 0) {
            code.line("#pragma unroll");
            code.open("for (int k = 0; k < %d; k++)", count);
            String term = term(step, point);
            code.line("part[k] = %s;", combine(step, identity(step), term));
            code.close();
        }
        for (int distance = PARTIALS / 2; distance >= 1; distance /= 2) {
            // A partial that took nothing is the identity: it changes nothing and is left out.
            for (int p = 0; p < distance && p + distance < count; p++) {
                code.line(
                        "part[%d] = %s;",
                        p, combine(step, "part[" + p + "]", "part[" + (p + distance) + "]"));
            }
        }
        finish(step, point, "part[0]");
        steps.loop().close(code);
    }

    private void byWarp(Step.Reduction step) {
        String flat = steps.loop().openForWarps(code, Point.size(step.space()));
        Point point = Point.of(step.space(), flat);
        code.line("%s acc = %s;", Types.scalar(step.kind()), identity(step));
        code.open("for (int k = lane; k < %d; k += 32)", Point.size(step.reduced()));
        String term = term(step, point);
        code.line("acc = %s;", combine(step, "acc", term));
        code.close();
        for (int distance = PARTIALS / 2; distance >= 1; distance /= 2) {
            String other = "__shfl_down_sync(0xffffffffu, acc, " + distance + ")";
            code.line("acc = %s;", combine(step, "acc", other));
        }
        code.open("if (lane == 0)");
        finish(step, point, "acc");
        code.close();
        steps.loop().close(code);
    }

    private String term(Step.Reduction step, Point point) {
        Point full = point.then(Point.of(step.reduced(), "k"));
        return steps.expressions(step.inputs(), full, null).write(step.term());
    }

    private void finish(Step.Reduction step, Point point, String accumulated) {
        steps.store(
                step.output(),
                point,
                steps.expressions(step.inputs(), point, accumulated).write(step.finish()));
    }

    private static String combine(Step.Reduction step, String a, String b) {
        boolean integer = step.kind() == ScalarKind.I64;
        String suffix = Types.suffix(step.kind());
        return switch (step.combine()) {
            case SUM -> integer ? "mr_add_i64(" + a + ", " + b + ")" : a + " + " + b;
            case PRODUCT -> integer ? "mr_mul_i64(" + a + ", " + b + ")" : a + " * " + b;
            case MAX -> "mr_max" + suffix + "(" + a + ", " + b + ")";
            case MIN -> "mr_min" + suffix + "(" + a + ", " + b + ")";
        };
    }

    private static String identity(Step.Reduction step) {
        String least = step.combine() == Step.Combine.MAX ? "-" : "";
        return switch (step.combine()) {
            case SUM -> "(" + Types.scalar(step.kind()) + ")0";
            case PRODUCT -> "(" + Types.scalar(step.kind()) + ")1";
            case MAX, MIN ->
                    switch (step.kind()) {
                        case F32 -> least + "mr_float(0x7f800000u)";
                        case F64 -> least + "mr_double(0x7ff0000000000000ull)";
                        case I64 ->
                                least.isEmpty()
                                        ? "(mr_i64)0x7fffffffffffffffull"
                                        : "(mr_i64)0x8000000000000000ull";
                    };
        };
    }

    void write(Step.ArgReduction step) {
        ScalarKind kind = step.term().kind();
        Point point = steps.openThreads(step.space(), step.output());
        code.line("mr_i64 best = 0;");
        code.line("%s best_term = 0;", Types.scalar(kind));
        if (Point.size(step.reduced()) > 0) {
            findBest(step, point);
        }
        steps.store(
                step.output(),
                point,
                steps.expressions(step.inputs(), point, "best").write(step.finish()));
        steps.loop().close(code);
    }

    private void findBest(Step.ArgReduction step, Point point) {
        code.open("for (int k = 0; k < %d; k++)", Point.size(step.reduced()));
        Point full = point.then(Point.of(step.reduced(), "k"));
        String term = steps.expressions(step.inputs(), full, null).write(step.term());
        String better = term + (step.maximum() ? " > " : " < ") + "best_term";
        if (step.last()) {
            better = better + " || " + term + " == best_term";
        }
        code.open("if (k == 0 || %s)", better);
        code.line("best = k;");
        code.line("best_term = %s;", term);
        code.close();
        code.close();
    }
}
