package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Expressions at random, of every operation there is. */
final class RandomExprs {
    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        0.5f,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_NORMAL,
        Float.MAX_VALUE,
        65504f,
        1e-40f
    };

    private static final List<UnaryOp> EXACT_FLOAT =
            List.of(
                    UnaryOp.NEG,
                    UnaryOp.ABS,
                    UnaryOp.SQRT,
                    UnaryOp.FLOOR,
                    UnaryOp.CEIL,
                    UnaryOp.ROUND_EVEN);
    private static final Set<UnaryOp> SINGLE_PRECISION = EnumSet.range(UnaryOp.SIN, UnaryOp.ATAN);
    private static final List<UnaryOp> INTEGER =
            List.of(UnaryOp.NEG, UnaryOp.ABS, UnaryOp.NOT, UnaryOp.BIT_NOT);
    private static final List<BinaryOp> FLOAT_BINARY =
            List.of(
                    BinaryOp.ADD,
                    BinaryOp.SUB,
                    BinaryOp.MUL,
                    BinaryOp.DIV,
                    BinaryOp.REMAINDER,
                    BinaryOp.MAX,
                    BinaryOp.MIN);
    private static final List<BinaryOp> COMPARE =
            List.of(BinaryOp.EQUAL, BinaryOp.LESS, BinaryOp.LESS_OR_EQUAL);

    private final Random random;

    /**
     * An input of the step.
     *
     * @param after elements from the access's position on that may be loaded at any point
     */
    record Source(int input, ScalarKind kind, int after) {}

    RandomExprs(Random random) {
        this.random = random;
    }

    static <T> T pick(Random random, T[] options) {
        return options[random.nextInt(options.length)];
    }

    static float anyFloat(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
            case 1 -> Float.intBitsToFloat(random.nextInt());
            case 2 -> random.nextInt(9) - 4;
            default -> (float) random.nextGaussian() * 3;
        };
    }

    static long anyLong(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextLong();
            case 1 -> Long.MIN_VALUE;
            default -> random.nextInt(200) - 100;
        };
    }

    /** The state of one expression under construction. */
    private record Scope(
            List<Source> sources,
            List<Integer> space,
            Optional<ScalarKind> accumulated,
            List<Expr> shared) {}

    Expr next(
            ScalarKind kind,
            List<Source> sources,
            List<Integer> space,
            Optional<ScalarKind> accumulated,
            int depth) {
        Expr made = expr(kind, new Scope(sources, space, accumulated, new ArrayList<>()), depth);
        if (accumulated.isEmpty() || Exprs.any(made, part -> part instanceof Expr.Accumulated)) {
            return made;
        }
        Expr.Accumulated sum = new Expr.Accumulated(accumulated.get());
        return new Expr.Binary(BinaryOp.MAX, converted(kind, sum), made);
    }

    private Expr expr(ScalarKind kind, Scope scope, int depth) {
        if (depth <= 0) {
            return leaf(kind, scope);
        }
        for (Expr known : scope.shared()) {
            if (known.kind() == kind && random.nextInt(8) == 0) {
                return known;
            }
        }
        Expr made = compound(kind, scope, depth);
        scope.shared().add(made);
        return made;
    }

    private Expr leaf(ScalarKind kind, Scope scope) {
        if (scope.accumulated().isPresent() && random.nextBoolean()) {
            return converted(kind, new Expr.Accumulated(scope.accumulated().get()));
        }
        if (!scope.sources().isEmpty() && random.nextInt(5) != 0) {
            Source source = scope.sources().get(random.nextInt(scope.sources().size()));
            if (source.after() > 1) {
                Expr index =
                        new Expr.Binary(
                                BinaryOp.AND, leaf(ScalarKind.I64, scope), Exprs.i64(0x7fff));
                Expr offset = new Expr.Binary(BinaryOp.REMAINDER, index, Exprs.i64(source.after()));
                return converted(kind, new Expr.LoadAt(source.input(), offset, source.kind()));
            }
            return converted(kind, new Expr.Load(source.input(), source.kind()));
        }
        return switch (kind) {
            case F32 -> Exprs.f32(anyFloat(random));
            case F64 -> Exprs.f64(anyFloat(random) * 1.1);
            case I64 -> Exprs.i64(anyLong(random));
        };
    }

    private Expr converted(ScalarKind kind, Expr expr) {
        return expr.kind() == kind ? expr : new Expr.Convert(kind, random.nextBoolean(), expr);
    }

    private Expr compound(ScalarKind kind, Scope scope, int depth) {
        int next = depth - 1;
        return switch (random.nextInt(9)) {
            case 0, 1 -> unary(kind, scope, next);
            case 2, 3, 4 -> binary(kind, scope, next);
            case 5 ->
                    new Expr.Select(
                            expr(ScalarKind.I64, scope, next),
                            expr(kind, scope, next),
                            expr(kind, scope, next));
            case 6 -> guarded(kind, scope, next);
            case 7 -> narrow(kind, scope, next);
            default -> fused(kind, scope, next);
        };
    }

    private Expr guarded(ScalarKind kind, Scope scope, int depth) {
        Expr inside = expr(kind, scope, depth);
        if (scope.space().isEmpty()) {
            return inside;
        }
        int dimension = random.nextInt(scope.space().size());
        int extent = scope.space().get(dimension);
        int from = random.nextInt(extent);
        int to = from + random.nextInt(extent - from + 1);
        return new Expr.Guarded(dimension, from, to, inside, expr(kind, scope, depth));
    }

    private Expr fused(ScalarKind kind, Scope scope, int depth) {
        if (kind == ScalarKind.I64) {
            return new Expr.Binary(
                    COMPARE.get(random.nextInt(3)),
                    expr(ScalarKind.F32, scope, depth),
                    expr(ScalarKind.F32, scope, depth));
        }
        return new Expr.FusedMultiplyAdd(
                expr(kind, scope, depth), expr(kind, scope, depth), expr(kind, scope, depth));
    }

    private Expr narrow(ScalarKind kind, Scope scope, int depth) {
        List<ElementType> types = new ArrayList<>();
        for (ElementType type : ElementType.values()) {
            if (ScalarKind.of(type) == kind) {
                types.add(type);
            }
        }
        return new Expr.Narrow(types.get(random.nextInt(types.size())), expr(kind, scope, depth));
    }

    private Expr unary(ScalarKind kind, Scope scope, int depth) {
        if (kind == ScalarKind.I64) {
            if (random.nextInt(4) == 0) {
                UnaryOp test = random.nextBoolean() ? UnaryOp.IS_NAN : UnaryOp.IS_INFINITE;
                ScalarKind tested = random.nextBoolean() ? ScalarKind.F32 : ScalarKind.F64;
                return new Expr.Unary(test, expr(tested, scope, depth));
            }
            return new Expr.Unary(
                    INTEGER.get(random.nextInt(INTEGER.size())), expr(kind, scope, depth));
        }
        Expr operand = expr(kind, scope, depth);
        if (random.nextBoolean()) {
            return new Expr.Unary(EXACT_FLOAT.get(random.nextInt(EXACT_FLOAT.size())), operand);
        }
        UnaryOp[] all = UnaryOp.values();
        List<UnaryOp> functions = List.of(all).subList(EXACT_FLOAT.size(), all.length - 4);
        UnaryOp function = functions.get(random.nextInt(functions.size()));
        boolean single = kind == ScalarKind.F64 && SINGLE_PRECISION.contains(function);
        return new Expr.Unary(single ? UnaryOp.TANH : function, operand);
    }

    private Expr binary(ScalarKind kind, Scope scope, int depth) {
        if (kind == ScalarKind.I64 && random.nextInt(4) == 0) {
            ScalarKind compared = pick(random, ScalarKind.values());
            return new Expr.Binary(
                    COMPARE.get(random.nextInt(3)),
                    expr(compared, scope, depth),
                    expr(compared, scope, depth));
        }
        Expr left = expr(kind, scope, depth);
        Expr right = expr(kind, scope, depth);
        if (kind == ScalarKind.I64) {
            BinaryOp[] all = BinaryOp.values();
            BinaryOp op = pick(random, all);
            return new Expr.Binary(op == BinaryOp.POW ? BinaryOp.XOR : op, left, right);
        }
        if (random.nextInt(6) == 0) {
            return new Expr.Binary(BinaryOp.POW, left, right);
        }
        return new Expr.Binary(FLOAT_BINARY.get(random.nextInt(FLOAT_BINARY.size())), left, right);
    }
}
