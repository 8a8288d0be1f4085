package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Writes what one step computes, in the order and rounding that {@link Step} binds it to. */
final class StepWriter {
    /** Rows that share one load of a weight in a flat contraction. */
    private static final int ROWS_AT_ONCE = 4;

    private final CodeText code;
    private final Plan plan;
    private final IntFunction<Location> locations;
    private final WorkLoop loop;

    StepWriter(CodeText code, Plan plan, IntFunction<Location> locations, WorkLoop loop) {
        this.code = code;
        this.plan = plan;
        this.locations = locations;
        this.loop = loop;
    }

    void write(Step step) {
        if (step instanceof Step.Elementwise elementwise) {
            elementwise(elementwise);
        } else if (step instanceof Step.Contraction contraction) {
            contraction(contraction);
        } else if (step instanceof Step.Reduction reduction) {
            new ReductionWriter(this).write(reduction);
        } else if (step instanceof Step.ArgReduction reduction) {
            new ReductionWriter(this).write(reduction);
        } else if (step instanceof Step.RunningSum sum) {
            new ScanWriter(this).write(sum);
        } else if (step instanceof Step.TopK topK) {
            new ScanWriter(this).write(topK);
        } else {
            throw new IllegalStateException("No flat kernel for " + step.origin());
        }
    }

    CodeText code() {
        return code;
    }

    WorkLoop loop() {
        return loop;
    }

    /** Opens a loop of one thread per row and point of a step's space. */
    Point openThreads(List<Integer> space, Access output) {
        String flat = loop.open(code, Point.size(space), isGlobal(output));
        return Point.of(space, flat);
    }

    /** Neighbouring threads write neighbouring elements in device memory, rows in a tile. */
    private boolean isGlobal(Access access) {
        return locations.apply(access.value()) instanceof Location.Global;
    }

    ExprWriter expressions(List<Access> inputs, Point point, String accumulated) {
        return new ExprWriter(code, plan, locations, inputs, point, accumulated);
    }

    Location location(Access access) {
        return locations.apply(access.value());
    }

    /** Text that loads an element by its number within the row. */
    String loadElement(Access access, String element) {
        return ExprWriter.load(plan, locations, access, element);
    }

    String load(Access access, Point point) {
        return ExprWriter.load(plan, locations, access, point.element(access));
    }

    void store(Access output, Point point, String value) {
        PlanValue target = plan.value(output);
        Location location = locations.apply(output.value());
        code.line(
                "%s::put(%s, %s, %s);",
                Types.accessor(target.type()),
                location.base(),
                location.position(point.element(output)),
                value);
    }

    private void elementwise(Step.Elementwise step) {
        Point point = openThreads(step.space(), step.output());
        String value = expressions(step.inputs(), point, null).write(step.body());
        store(step.output(), point, value);
        loop.close(code);
    }

    private void contraction(Step.Contraction step) {
        boolean constantRight = plan.value(step.inputs().get(1)).isConstant();
        if (loop instanceof WorkLoop.Flat && constantRight && step.kind() == ScalarKind.F32) {
            rowsAtOnce(step);
        } else {
            onePoint(step);
        }
    }

    private void onePoint(Step.Contraction step) {
        Point point = openThreads(step.space(), step.output());
        String initial = expressions(step.inputs(), point, null).write(step.initial());
        code.line("%s acc = %s;", Types.scalar(step.kind()), initial);
        Point full = openReduced(point, step.reduced());
        code.line(
                "acc = %s;",
                multiplyAdd(
                        step.kind(),
                        load(step.inputs().get(0), full),
                        load(step.inputs().get(1), full),
                        "acc"));
        closeReduced(step.reduced());
        finish(step, point, "acc");
        loop.close(code);
    }

    private void finish(Step.Contraction step, Point point, String accumulated) {
        store(
                step.output(),
                point,
                expressions(step.inputs(), point, accumulated).write(step.finish()));
    }

    private void rowsAtOnce(Step.Contraction step) {
        String flat = loop.openForRowGroups(code, Point.size(step.space()), ROWS_AT_ONCE);
        Point point = Point.of(step.space(), flat);
        code.line("float acc[%d];", ROWS_AT_ONCE);
        openRows();
        String initial = expressions(step.inputs(), point, null).write(step.initial());
        code.line("acc[r] = %s;", initial);
        code.close();
        Point full = openReduced(point, step.reduced());
        code.line("const float weight = %s;", load(step.inputs().get(1), full));
        openRows();
        code.line(
                "acc[r] = %s;",
                multiplyAdd(step.kind(), load(step.inputs().get(0), full), "weight", "acc[r]"));
        code.close();
        closeReduced(step.reduced());
        code.line("#pragma unroll");
        code.open("for (int r = 0; r < %d; r++)", ROWS_AT_ONCE);
        code.line("if (r >= rows_here) continue;");
        code.line("const int row = first_row + r;");
        finish(step, point, "acc[r]");
        code.close();
        loop.close(code);
    }

    /** Rows past the end repeat the last one; nothing of them is stored. */
    private void openRows() {
        code.line("#pragma unroll");
        code.open("for (int r = 0; r < %d; r++)", ROWS_AT_ONCE);
        code.line("const int row = first_row + (r < rows_here ? r : rows_here - 1);");
    }

    private Point openReduced(Point point, List<Integer> reduced) {
        List<String> coordinates = new ArrayList<>();
        for (int dimension = 0; dimension < reduced.size(); dimension++) {
            String name = "k" + dimension;
            code.open("for (int %s = 0; %s < %d; %s++)", name, name, reduced.get(dimension), name);
            coordinates.add(name);
        }
        return point.then(new Point(reduced, coordinates, null));
    }

    private void closeReduced(List<Integer> reduced) {
        for (int dimension = 0; dimension < reduced.size(); dimension++) {
            code.close();
        }
    }

    private static String multiplyAdd(ScalarKind kind, String left, String right, String acc) {
        return switch (kind) {
            case F32 -> "MR_FMA(%s, %s, %s)".formatted(left, right, acc);
            case F64 -> "MR_FMA64(%s, %s, %s)".formatted(left, right, acc);
            case I64 -> "mr_add_i64(%s, mr_mul_i64(%s, %s))".formatted(acc, left, right);
        };
    }
}
