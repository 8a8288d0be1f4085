package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.UnaryOp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Arithmetic, comparisons and logic, element by element. */
final class ElementwiseOps {
    /** Before, an attribute said how shapes are aligned. */
    private static final int ALIGNED_AT_THE_END = 7;

    private static final Map<String, UnaryOp> FUNCTIONS =
            Map.ofEntries(
                    Map.entry("Sqrt", UnaryOp.SQRT),
                    Map.entry("Exp", UnaryOp.EXP),
                    Map.entry("Log", UnaryOp.LOG),
                    Map.entry("Tanh", UnaryOp.TANH),
                    Map.entry("Erf", UnaryOp.ERF),
                    Map.entry("Sigmoid", UnaryOp.SIGMOID),
                    Map.entry("Softplus", UnaryOp.SOFTPLUS),
                    Map.entry("Sinh", UnaryOp.SINH),
                    Map.entry("Cosh", UnaryOp.COSH),
                    Map.entry("Asinh", UnaryOp.ASINH),
                    Map.entry("Acosh", UnaryOp.ACOSH),
                    Map.entry("Atanh", UnaryOp.ATANH));
    private static final Map<String, UnaryOp> SINGLE_PRECISION =
            Map.of(
                    "Sin", UnaryOp.SIN,
                    "Cos", UnaryOp.COS,
                    "Tan", UnaryOp.TAN,
                    "Asin", UnaryOp.ASIN,
                    "Acos", UnaryOp.ACOS,
                    "Atan", UnaryOp.ATAN);

    private ElementwiseOps() {}

    static void register(Operators operators) {
        registerArithmetic(operators);
        registerComparisons(operators);
        registerUnary(operators);
        ActivationOps.register(operators);
        SelectionOps.register(operators);
    }

    private static void registerArithmetic(Operators operators) {
        for (BinaryOp op : List.of(BinaryOp.ADD, BinaryOp.SUB, BinaryOp.MUL, BinaryOp.DIV)) {
            String operator = op.name().charAt(0) + op.name().substring(1).toLowerCase(Locale.ROOT);
            operators.standard(operator, node -> arithmetic(node, op));
        }
        variadic(operators, "Sum", Terms::add);
        operators.standard("Mean", ElementwiseOps::mean);
        operators.standard("Max", node -> extreme(node, BinaryOp.MAX));
        operators.standard("Min", node -> extreme(node, BinaryOp.MIN));
        operators.standard("Mod", ElementwiseOps::mod);
        operators.standard("Pow", PowerOp::lower);
    }

    private static void registerComparisons(Operators operators) {
        operators.standard("Equal", ElementwiseOps::equal);
        compare(operators, "Less", (a, b) -> Terms.less(a, b));
        compare(operators, "LessOrEqual", (a, b) -> Terms.lessOrEqual(a, b));
        compare(operators, "Greater", (a, b) -> Terms.less(b, a));
        compare(operators, "GreaterOrEqual", (a, b) -> Terms.lessOrEqual(b, a));
        bitwise(operators, "And", BinaryOp.AND, true);
        bitwise(operators, "Or", BinaryOp.OR, true);
        bitwise(operators, "Xor", BinaryOp.XOR, true);
        bitwise(operators, "BitwiseAnd", BinaryOp.AND, false);
        bitwise(operators, "BitwiseOr", BinaryOp.OR, false);
        bitwise(operators, "BitwiseXor", BinaryOp.XOR, false);
        operators.standard("BitShift", ElementwiseOps::bitShift);
    }

    private static void registerUnary(Operators operators) {
        FUNCTIONS.forEach((operator, op) -> floats(operators, operator, x -> Terms.unary(op, x)));
        SINGLE_PRECISION.forEach(
                (operator, op) ->
                        operators.standard(
                                operator, node -> single(node, x -> Terms.unary(op, x))));
        operators.standard("Neg", node -> signed(node, x -> Terms.unary(UnaryOp.NEG, x)));
        operators.standard("Abs", ElementwiseOps::abs);
        operators.standard("Sign", ElementwiseOps::sign);
        floats(operators, "Reciprocal", x -> Terms.div(Terms.like(x, 1), x));
        rounding(operators, "Floor", UnaryOp.FLOOR);
        rounding(operators, "Ceil", UnaryOp.CEIL);
        rounding(operators, "Round", UnaryOp.ROUND_EVEN);
        operators.standard("Not", node -> integers(node, true, Terms::not));
        operators.standard(
                "BitwiseNot", node -> integers(node, false, x -> Terms.unary(UnaryOp.BIT_NOT, x)));
        operators.standard("IsNaN", ElementwiseOps::isNaN);
        operators.standard("IsInf", ElementwiseOps::isInfinite);
    }

    // Arithmetic

    private static void arithmetic(NodeContext node, BinaryOp op) {
        Val left = node.counted(0);
        Val right = aligned(node, left, node.counted(1));
        sameType(left, right);
        if (left.rowCounts.length > 0 || right.rowCounts.length > 0) {
            node.output(RowCounts.arithmetic(node.builder(), op, left, right));
            return;
        }
        Refusal.unless(left.type != ElementType.BOOL, "truth values have no arithmetic");
        boolean wide = left.type == ElementType.UINT64 && op == BinaryOp.DIV;
        node.output(
                binary(
                        node,
                        left,
                        right,
                        wide ? Unsigned::quotient : (a, b) -> Terms.binary(op, a, b)));
    }

    /** The second operand of old opsets, which said where it belongs. */
    static Val aligned(NodeContext node, Val left, Val right) {
        if (node.version() >= ALIGNED_AT_THE_END) {
            return right;
        }
        boolean broadcast = node.flag("broadcast", false);
        long axis = node.integer("axis", (long) left.rank() - right.rank());
        Refusal.unless(
                broadcast || Arrays.equals(left.shape, right.shape),
                "%s and %s differ in shape",
                left,
                right);
        Val result = right;
        int missing = left.rank() - right.rank() - Shapes.axis(axis, left.rank() + 1);
        for (int i = 0; broadcast && i < missing; i++) {
            result = Views.unsqueeze(node.builder(), result, result.rank());
        }
        return result;
    }

    private static Val binary(NodeContext node, Val left, Val right, BinaryOperator<Expr> body) {
        return node.builder()
                .elementwise(
                        left.type,
                        List.of(left, right),
                        loads -> body.apply(loads.get(0), loads.get(1)));
    }

    private static void variadic(Operators operators, String name, BinaryOperator<Expr> body) {
        operators.standard(name, node -> node.output(fold(node, operands(node), body)));
    }

    private static List<Val> operands(NodeContext node) {
        List<Val> operands = node.inputsFrom(0);
        Refusal.unless(!operands.isEmpty(), "it has no inputs");
        operands.forEach(operand -> sameType(operands.get(0), operand));
        return operands;
    }

    private static Val fold(NodeContext node, List<Val> operands, BinaryOperator<Expr> body) {
        Val result = operands.get(0);
        for (Val operand : operands.subList(1, operands.size())) {
            result = binary(node, result, operand, body);
        }
        return result;
    }

    private static void mean(NodeContext node) {
        List<Val> operands = operands(node);
        requireFloat(operands.get(0));
        Val sum = fold(node, operands, Terms::add);
        node.output(map(node, sum, x -> Terms.div(x, Terms.like(x, operands.size()))));
    }

    private static void extreme(NodeContext node, BinaryOp op) {
        List<Val> operands = operands(node);
        ElementType type = operands.get(0).type;
        node.output(
                fold(
                        node,
                        operands,
                        (a, b) ->
                                unordered(
                                        type,
                                        Terms.binary(op, ordered(type, a), ordered(type, b)))));
    }

    /** An expression whose signed order is the order of the type. */
    static Expr ordered(ElementType type, Expr expr) {
        if (type != ElementType.UINT64) {
            return expr;
        }
        return Terms.binary(BinaryOp.XOR, expr, Exprs.i64(Long.MIN_VALUE));
    }

    /** Undoes {@link #ordered}. */
    static Expr unordered(ElementType type, Expr expr) {
        return ordered(type, expr);
    }

    private static void mod(NodeContext node) {
        Val left = node.input(0);
        Val right = aligned(node, left, node.input(1));
        sameType(left, right);
        boolean dividendsSign = node.flag("fmod", false);
        if (left.type == ElementType.UINT64) {
            node.output(binary(node, left, right, Unsigned::remainder));
            return;
        }
        if (dividendsSign) {
            node.output(
                    binary(node, left, right, (a, b) -> Terms.binary(BinaryOp.REMAINDER, a, b)));
            return;
        }
        Refusal.unless(!left.isFloat(), "floating point numbers need fmod=1");
        node.output(binary(node, left, right, ElementwiseOps::floorMod));
    }

    /** The remainder with the divisor's sign. */
    private static Expr floorMod(Expr left, Expr right) {
        Expr remainder = Terms.binary(BinaryOp.REMAINDER, left, right);
        Expr zero = Exprs.i64(0);
        Expr signs = Terms.less(Terms.binary(BinaryOp.XOR, remainder, right), zero);
        Expr adjust = Terms.binary(BinaryOp.AND, signs, Terms.not(Terms.equal(remainder, zero)));
        return Terms.select(adjust, Terms.add(remainder, right), remainder);
    }

    // Comparisons and logic

    private static void equal(NodeContext node) {
        Val left = node.counted(0);
        Val right = aligned(node, left, node.counted(1));
        sameType(left, right);
        if (left.rowCounts.length > 0 || right.rowCounts.length > 0) {
            node.output(RowCounts.equal(node.builder(), left, right));
            return;
        }
        truth(node, left, right, Terms::equal);
    }

    private static void compare(Operators operators, String name, BinaryOperator<Expr> body) {
        operators.standard(
                name,
                node -> {
                    Val left = node.input(0);
                    Val right = aligned(node, left, node.input(1));
                    sameType(left, right);
                    ElementType type = left.type;
                    truth(
                            node,
                            left,
                            right,
                            (a, b) -> body.apply(ordered(type, a), ordered(type, b)));
                });
    }

    private static void truth(NodeContext node, Val left, Val right, BinaryOperator<Expr> body) {
        node.output(
                node.builder()
                        .elementwise(
                                ElementType.BOOL,
                                List.of(left, right),
                                loads -> body.apply(loads.get(0), loads.get(1))));
    }

    private static void bitwise(Operators operators, String name, BinaryOp op, boolean logical) {
        operators.standard(
                name,
                node -> {
                    Val left = node.input(0);
                    Val right = aligned(node, left, node.input(1));
                    sameType(left, right);
                    requireInteger(left, logical);
                    node.output(binary(node, left, right, (a, b) -> Terms.binary(op, a, b)));
                });
    }

    private static void bitShift(NodeContext node) {
        Val left = node.input(0);
        Val right = aligned(node, left, node.input(1));
        sameType(left, right);
        requireInteger(left, false);
        String direction = node.text("direction", "");
        Refusal.unless(
                direction.equals("LEFT") || direction.equals("RIGHT"),
                "direction '%s' is neither LEFT nor RIGHT",
                direction);
        BinaryOp op = direction.equals("LEFT") ? BinaryOp.SHIFT_LEFT : BinaryOp.SHIFT_RIGHT;
        boolean filled = direction.equals("RIGHT") && isSigned(left.type);
        node.output(
                binary(
                        node,
                        left,
                        right,
                        (a, b) -> filled ? shiftedRight(a, b) : Terms.binary(op, a, b)));
    }

    private static boolean isSigned(ElementType type) {
        return type == ElementType.INT8
                || type == ElementType.INT16
                || type == ElementType.INT32
                || type == ElementType.INT64;
    }

    /** With the sign moving in: a negative number is flipped, shifted and flipped back. */
    private static Expr shiftedRight(Expr value, Expr distance) {
        Expr negative = Terms.less(value, Exprs.i64(0));
        Expr flips = Terms.select(negative, Exprs.i64(-1), Exprs.i64(0));
        Expr magnitude = Terms.binary(BinaryOp.XOR, value, flips);
        Expr shifted = Terms.binary(BinaryOp.SHIFT_RIGHT, magnitude, distance);
        return Terms.binary(BinaryOp.XOR, shifted, flips);
    }

    // One operand

    static Val map(NodeContext node, Val value, UnaryOperator<Expr> body) {
        return node.builder()
                .elementwise(value.type, List.of(value), loads -> body.apply(loads.get(0)));
    }

    /** An operator on its first input that exists in single precision alone. */
    private static void single(NodeContext node, UnaryOperator<Expr> body) {
        node.output(map(node, singlePrecision(node.input(0)), body));
    }

    static Val singlePrecision(Val value) {
        Refusal.unless(
                value.kind() == ScalarKind.F32,
                "it is computed in single precision only, not for %s",
                value);
        return value;
    }

    private static void floats(Operators operators, String name, UnaryOperator<Expr> body) {
        operators.standard(name, node -> floats(node, body));
    }

    /** An operator on its first input, of floating point numbers. */
    static void floats(NodeContext node, UnaryOperator<Expr> body) {
        node.output(map(node, requireFloat(node.input(0)), body));
    }

    private static void rounding(Operators operators, String name, UnaryOp op) {
        floats(operators, name, x -> Terms.unary(op, x));
    }

    static Val requireFloat(Val value) {
        Refusal.unless(value.isFloat(), "%s is not floating point", value);
        return value;
    }

    private static boolean isUnsigned(ElementType type) {
        return switch (type) {
            case UINT8, UINT16, UINT32, UINT64, BOOL -> true;
            case INT8, INT16, INT32, INT64, FLOAT16, BFLOAT16, FLOAT32, FLOAT64, CATEGORY -> false;
        };
    }

    private static void signed(NodeContext node, UnaryOperator<Expr> body) {
        Val value = node.input(0);
        Refusal.unless(!isUnsigned(value.type), "%s has no sign", value);
        node.output(map(node, value, body));
    }

    private static void abs(NodeContext node) {
        Val value = node.input(0);
        boolean plain = isUnsigned(value.type);
        node.output(plain ? value : map(node, value, x -> Terms.unary(UnaryOp.ABS, x)));
    }

    private static void sign(NodeContext node) {
        Val value = node.input(0);
        if (isUnsigned(value.type)) {
            node.output(map(node, value, x -> Terms.not(Terms.equal(x, Exprs.i64(0)))));
            return;
        }
        node.output(
                map(
                        node,
                        value,
                        x -> {
                            Expr zero = Terms.like(x, 0);
                            Expr negative = Terms.select(Terms.less(x, zero), Terms.like(x, -1), x);
                            return Terms.select(Terms.less(zero, x), Terms.like(x, 1), negative);
                        }));
    }

    private static void integers(NodeContext node, boolean logical, UnaryOperator<Expr> body) {
        Val value = node.input(0);
        requireInteger(value, logical);
        node.output(map(node, value, body));
    }

    private static void requireInteger(Val value, boolean logical) {
        boolean truth = value.type == ElementType.BOOL;
        Refusal.unless(
                !value.isFloat() && truth == logical,
                "%s is not of %s",
                value,
                logical ? "truth values" : "integers");
    }

    private static void isNaN(NodeContext node) {
        Val value = requireFloat(node.input(0));
        node.output(
                node.builder()
                        .elementwise(
                                ElementType.BOOL,
                                List.of(value),
                                loads -> Terms.unary(UnaryOp.IS_NAN, loads.get(0))));
    }

    private static void isInfinite(NodeContext node) {
        Val value = requireFloat(node.input(0));
        boolean negative = node.flag("detect_negative", true);
        boolean positive = node.flag("detect_positive", true);
        node.output(
                node.builder()
                        .elementwise(
                                ElementType.BOOL,
                                List.of(value),
                                loads -> infinite(loads.get(0), negative, positive)));
    }

    private static Expr infinite(Expr x, boolean negative, boolean positive) {
        Expr below = Terms.equal(x, Terms.like(x, Double.NEGATIVE_INFINITY));
        Expr above = Terms.equal(x, Terms.like(x, Double.POSITIVE_INFINITY));
        if (negative && positive) {
            return Terms.unary(UnaryOp.IS_INFINITE, x);
        }
        if (!negative && !positive) {
            return Exprs.i64(0);
        }
        return negative ? below : above;
    }

    static void sameType(Val left, Val right) {
        Refusal.unless(left.type == right.type, "%s and %s differ in type", left, right);
    }
}
