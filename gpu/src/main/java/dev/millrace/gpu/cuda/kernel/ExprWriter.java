package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Writes an expression as statements, one variable per operation, so that every rounding is where
 * the plan says. A subtree that is shared is computed once, within the branch it first occurs in.
 */
final class ExprWriter {
    private final CodeText code;
    private final Plan plan;
    private final IntFunction<Location> locations;
    private final List<Access> inputs;
    private final Point point;
    private final String accumulated;
    private final Deque<Map<Expr, String>> scopes = new ArrayDeque<>();

    /**
     * @param locations of values by id
     * @param inputs of the step
     * @param accumulated variable behind {@link Expr.Accumulated}, or null where there is none
     */
    ExprWriter(
            CodeText code,
            Plan plan,
            IntFunction<Location> locations,
            List<Access> inputs,
            Point point,
            String accumulated) {
        this.code = code;
        this.plan = plan;
        this.locations = locations;
        this.inputs = inputs;
        this.point = point;
        this.accumulated = accumulated;
        scopes.push(new IdentityHashMap<>());
    }

    /** Writes what computes the expression; returns the name of the result. */
    String write(Expr expr) {
        for (Map<Expr, String> scope : scopes) {
            String known = scope.get(expr);
            if (known != null) {
                return known;
            }
        }
        String name = compute(expr);
        scopes.element().put(expr, name);
        return name;
    }

    private String compute(Expr expr) {
        if (expr instanceof Expr.Constant constant) {
            return literal(constant);
        }
        if (expr instanceof Expr.Accumulated) {
            return accumulated;
        }
        if (expr instanceof Expr.Select select) {
            return branch(
                    select.kind(),
                    write(select.condition()) + " != 0",
                    select.whenTrue(),
                    select.whenFalse());
        }
        if (expr instanceof Expr.Guarded guarded) {
            String coordinate = point.coordinates().get(guarded.dimension());
            String inside =
                    coordinate
                            + " >= "
                            + guarded.from()
                            + " && "
                            + coordinate
                            + " < "
                            + guarded.to();
            return branch(guarded.kind(), inside, guarded.inside(), guarded.outside());
        }
        return variable(expr.kind(), value(expr));
    }

    private String variable(ScalarKind kind, String value) {
        String name = code.fresh();
        code.line("const " + Types.scalar(kind) + " " + name + " = " + value + ";");
        return name;
    }

    private String value(Expr expr) {
        if (expr instanceof Expr.Load load) {
            return load(load.input(), point.element(inputs.get(load.input())));
        }
        if (expr instanceof Expr.LoadAt load) {
            String position = point.element(inputs.get(load.input()));
            return load(load.input(), "(" + position + ") + " + write(load.offset()));
        }
        if (expr instanceof Expr.CheckedIndex checked) {
            return "mr_checked(%s, %d, row, a.header + 1)"
                    .formatted(write(checked.index()), checked.size());
        }
        if (expr instanceof Expr.Search search) {
            return search(search);
        }
        if (expr instanceof Expr.Unary unary) {
            return unary(unary.op(), unary.operand().kind(), write(unary.operand()));
        }
        if (expr instanceof Expr.Binary binary) {
            String left = write(binary.left());
            return binary(binary.op(), binary.left().kind(), left, write(binary.right()));
        }
        if (expr instanceof Expr.FusedMultiplyAdd fma) {
            String function = fma.kind() == ScalarKind.F64 ? "MR_FMA64" : "MR_FMA";
            String a = write(fma.a());
            String b = write(fma.b());
            return "%s(%s, %s, %s)".formatted(function, a, b, write(fma.c()));
        }
        if (expr instanceof Expr.Convert convert) {
            return convert(convert, write(convert.operand()));
        }
        if (expr instanceof Expr.Narrow narrow) {
            return narrow(narrow.type(), write(narrow.operand()));
        }
        throw new IllegalStateException("No code for " + expr);
    }

    private String load(int input, String element) {
        return load(plan, locations, inputs.get(input), element);
    }

    /** Text that loads an element of the value behind an access. */
    static String load(Plan plan, IntFunction<Location> locations, Access access, String element) {
        Location location = locations.apply(access.value());
        return "%s::get(%s, %s)"
                .formatted(
                        Types.accessor(plan.value(access).type()),
                        location.base(),
                        location.position(element));
    }

    private String search(Expr.Search search) {
        Access table = inputs.get(search.input());
        Location location = locations.apply(table.value());
        return "mr_search<%s>(%s, %s, %d, %s)"
                .formatted(
                        Types.accessor(plan.value(table).type()),
                        location.base(),
                        location.position(point.element(table)),
                        search.count(),
                        write(search.key()));
    }

    /**
     * Only the branch that is taken is evaluated: a load in the other may lie outside its value.
     */
    private String branch(ScalarKind kind, String condition, Expr whenTrue, Expr whenFalse) {
        String name = code.fresh();
        code.line("%s %s;", Types.scalar(kind), name);
        code.open("if (%s)", condition);
        assignInScope(name, whenTrue);
        code.closeAndOpen("else");
        assignInScope(name, whenFalse);
        code.close();
        return name;
    }

    private void assignInScope(String name, Expr expr) {
        scopes.push(new IdentityHashMap<>());
        String value = write(expr);
        code.line("%s = %s;", name, value);
        scopes.pop();
    }

    static String literal(Expr.Constant constant) {
        return switch (constant.kind()) {
            case F32 -> "mr_float(0x%xu)".formatted((int) constant.bits());
            case F64 -> "mr_double(0x%xull)".formatted(constant.bits());
            case I64 -> "((mr_i64)0x%xull)".formatted(constant.bits());
        };
    }

    private static String unary(UnaryOp op, ScalarKind kind, String x) {
        String suffix = Types.suffix(kind);
        String name = op.name().toLowerCase(Locale.ROOT);
        if (op == UnaryOp.NEG) {
            return kind == ScalarKind.I64 ? "mr_sub_i64(0, " + x + ")" : "-" + x;
        }
        if (op == UnaryOp.NOT) {
            return "(" + x + " == 0)";
        }
        if (op == UnaryOp.BIT_NOT) {
            return "~" + x;
        }
        if (op == UnaryOp.SQRT) {
            return (kind == ScalarKind.F64 ? "MR_SQRT64(" : "MR_SQRT(") + x + ")";
        }
        if (op == UnaryOp.FLOOR || op == UnaryOp.CEIL) {
            return name + (kind == ScalarKind.F64 ? "(" : "f(") + x + ")";
        }
        if (op == UnaryOp.ROUND_EVEN) {
            return (kind == ScalarKind.F64 ? "rint(" : "rintf(") + x + ")";
        }
        // The rest are functions of the two headers: mr_exp, mr_abs_i64, mr_is_nan64, ...
        return "mr_" + name + suffix + "(" + x + ")";
    }

    private static String binary(BinaryOp op, ScalarKind kind, String a, String b) {
        boolean integer = kind == ScalarKind.I64;
        return switch (op) {
            case ADD -> integer ? call("mr_add_i64", a, b) : a + " + " + b;
            case SUB -> integer ? call("mr_sub_i64", a, b) : a + " - " + b;
            case MUL -> integer ? call("mr_mul_i64", a, b) : a + " * " + b;
            case DIV -> integer ? call("mr_div_i64", a, b) : a + " / " + b;
            case REMAINDER ->
                    switch (kind) {
                        case F32 -> call("fmodf", a, b);
                        case F64 -> call("fmod", a, b);
                        case I64 -> call("mr_rem_i64", a, b);
                    };
            case MAX -> call("mr_max" + Types.suffix(kind), a, b);
            case MIN -> call("mr_min" + Types.suffix(kind), a, b);
            case POW -> call("mr_pow" + Types.suffix(kind), a, b);
            case EQUAL -> a + " == " + b;
            case LESS -> a + " < " + b;
            case LESS_OR_EQUAL -> a + " <= " + b;
            case AND -> a + " & " + b;
            case OR -> a + " | " + b;
            case XOR -> a + " ^ " + b;
            case SHIFT_LEFT -> call("mr_shl_i64", a, b);
            case SHIFT_RIGHT -> call("mr_shr_i64", a, b);
        };
    }

    private static String call(String function, String a, String b) {
        return function + "(" + a + ", " + b + ")";
    }

    private static String convert(Expr.Convert convert, String x) {
        ScalarKind from = convert.operand().kind();
        if (from == convert.kind()) {
            return x;
        }
        if (from == ScalarKind.I64) {
            String source = convert.unsigned() ? "(mr_u64)" + x : x;
            return "(" + Types.scalar(convert.kind()) + ")(" + source + ")";
        }
        if (convert.kind() == ScalarKind.I64) {
            return (from == ScalarKind.F64 ? "mr_to_long64(" : "mr_to_long(") + x + ")";
        }
        return "(" + Types.scalar(convert.kind()) + ")" + x;
    }

    private static String narrow(ElementType type, String x) {
        return switch (type) {
            case FLOAT16 -> "mr_from_half(mr_to_half(" + x + "))";
            case BFLOAT16 -> "mr_from_bfloat(mr_to_bfloat(" + x + "))";
            case INT8 -> "(mr_i64)(signed char)" + x;
            case UINT8 -> "(mr_i64)(unsigned char)" + x;
            case INT16 -> "(mr_i64)(short)" + x;
            case UINT16 -> "(mr_i64)(unsigned short)" + x;
            case INT32, CATEGORY -> "(mr_i64)(int)" + x;
            case UINT32 -> "(mr_i64)(unsigned int)" + x;
            case BOOL -> "(mr_i64)(" + x + " != 0)";
            case FLOAT32, FLOAT64, INT64, UINT64 -> x;
        };
    }
}
