package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.List;

/** Writes the steps that go along one dimension in order: running sums and top-k. */
final class ScanWriter {
    private final StepWriter steps;
    private final CodeText code;

    ScanWriter(StepWriter steps) {
        this.steps = steps;
        this.code = steps.code();
    }

    private static Point along(Point point, int length, String position) {
        return point.then(new Point(List.of(length), List.of(position), position));
    }

    void write(Step.RunningSum step) {
        Point point = steps.openThreads(step.space(), step.output());
        code.line("%s acc = 0;", Types.scalar(step.kind()));
        code.open("for (int k = 0; k < %d; k++)", step.length());
        code.line(
                step.reverse()
                        ? "const int j = " + (step.length() - 1) + " - k;"
                        : "const int j = k;");
        Point full = along(point, step.length(), "j");
        code.line("const %s x = %s;", Types.scalar(step.kind()), steps.load(step.input(), full));
        String sum = step.kind() == ScalarKind.I64 ? "mr_add_i64(acc, x)" : "acc + x";
        if (step.exclusive()) {
            steps.store(step.output(), full, "acc");
            code.line("acc = %s;", sum);
        } else {
            code.line("acc = %s;", sum);
            steps.store(step.output(), full, "acc");
        }
        code.close();
        steps.loop().close(code);
    }

    /**
     * Each round finds the first element after the one found last; quadratic, but few are wanted.
     */
    void write(Step.TopK step) {
        String type = Types.scalar(step.kind());
        Point point = steps.openThreads(step.space(), step.output());
        code.line("%s last_value = 0;", type);
        code.line("int last = -1;");
        code.open("for (int c = 0; c < %d; c++)", step.count());
        code.line("%s best_value = 0;", type);
        code.line("int best = -1;");
        code.open("for (int k = 0; k < %d; k++)", step.length());
        Point from = along(point, step.length(), "k");
        code.line("const %s x = %s;", type, steps.load(step.input(), from));
        code.line("if (last >= 0 && !%s) continue;", before(step, "last_value", "last", "x", "k"));
        code.line("if (best >= 0 && !%s) continue;", before(step, "x", "k", "best_value", "best"));
        code.line("best = k;");
        code.line("best_value = x;");
        code.close();
        Point to = along(point, step.count(), "c");
        steps.store(step.output(), to, "best_value");
        if (step.positions().isPresent()) {
            Access positions = step.positions().get();
            steps.store(positions, to, "best");
        }
        code.line("last = best;");
        code.line("last_value = best_value;");
        code.close();
        steps.loop().close(code);
    }

    private static String before(Step.TopK step, String a, String p, String b, String q) {
        String ahead = step.largest() ? greater(a, b) : greater(b, a);
        String behind = step.largest() ? greater(b, a) : greater(a, b);
        return "(" + ahead + " || (!" + behind + " && " + p + " < " + q + "))";
    }

    private static String greater(String a, String b) {
        return "mr_greater(" + a + ", " + b + ")";
    }
}
