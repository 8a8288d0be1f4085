package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/** Collects what a step over a shape loads, pulling deferred elementwise operands into it. */
final class Operands {
    private static final int MOST_NODES = 96;
    private static final int MOST_INPUTS = 12;

    private final Builder builder;
    private final int[] shape;
    private final boolean fuseFaults;
    private final List<View> inputs = new ArrayList<>();
    private final List<String> origins = new ArrayList<>();
    private final IdentityHashMap<Val, Expr> used = new IdentityHashMap<>();
    private Deferred.Root root = new Deferred.None();

    /**
     * @param fuseFaults whether operands that check an index may be pulled in
     */
    Operands(Builder builder, int[] shape, boolean fuseFaults) {
        this.builder = builder;
        this.shape = shape;
        this.fuseFaults = fuseFaults;
    }

    /** Expressions of the operands; the heart of one of them may become the heart of the step. */
    List<Expr> adopt(List<Val> operands) {
        int adopted = -1;
        for (int i = 0; i < operands.size() && adopted < 0; i++) {
            if (canAdopt(operands.get(i))) {
                adopted = i;
            }
        }
        Expr heart = null;
        if (adopted >= 0) {
            Val operand = operands.get(adopted);
            Deferred deferred = operand.deferred();
            root = deferred.root();
            inputs.addAll(deferred.inputs());
            origins.add(deferred.origin());
            heart = asStored(operand.type, deferred.expr());
        }
        List<Expr> expressions = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            expressions.add(i == adopted ? heart : use(operands.get(i)));
        }
        return expressions;
    }

    private boolean canAdopt(Val operand) {
        return operand.isDeferred()
                && !operand.deferred().isElementwise()
                && Arrays.equals(operand.shape, shape)
                && ExprSize.of(operand.deferred().expr()) <= MOST_NODES;
    }

    /** The expression of one operand, broadcast to the shape. */
    Expr use(Val operand) {
        Expr known = used.get(operand);
        if (known == null) {
            known = expression(operand);
            used.put(operand, known);
        }
        return known;
    }

    private Expr expression(Val operand) {
        if (canInline(operand)) {
            return inline(operand);
        }
        View view = builder.view(operand);
        if (operand.elements() == 1 && builder.isConstant(view.value())) {
            return builder.tensor(operand).literal(0);
        }
        return new Expr.Load(index(view.broadcast(operand.shape, shape)), operand.kind());
    }

    private boolean canInline(Val operand) {
        if (!operand.isDeferred() || !operand.deferred().isElementwise()) {
            return false;
        }
        Deferred deferred = operand.deferred();
        boolean recomputes = operand.elements() != Shapes.elements(shape);
        boolean faults = Exprs.any(deferred.expr(), part -> part instanceof Expr.CheckedIndex);
        return !recomputes
                && (fuseFaults || !faults)
                && ExprSize.of(deferred.expr()) <= MOST_NODES
                && inputs.size() + deferred.inputs().size() <= MOST_INPUTS;
    }

    private Expr inline(Val operand) {
        Deferred deferred = operand.deferred();
        int[] mapped = new int[deferred.inputs().size()];
        for (int i = 0; i < mapped.length; i++) {
            mapped[i] = index(deferred.inputs().get(i).broadcast(operand.shape, shape));
        }
        origins.add(deferred.origin());
        int shift = shape.length - operand.rank();
        Expr moved =
                new Rewrite(input -> mapped[input], dimension -> dimension + shift)
                        .apply(deferred.expr());
        return asStored(operand.type, moved);
    }

    /** The value as it would have been had it been stored. */
    private static Expr asStored(ElementType type, Expr expr) {
        boolean exact =
                switch (type) {
                    case FLOAT32, FLOAT64, INT64, UINT64 -> true;
                    case BOOL -> isTruth(expr);
                    case INT8, UINT8, INT16, UINT16, INT32, UINT32, FLOAT16, BFLOAT16, CATEGORY ->
                            false;
                };
        return exact ? expr : new Expr.Narrow(type, expr);
    }

    private static boolean isTruth(Expr expr) {
        if (expr instanceof Expr.Binary binary) {
            return binary.op().compares();
        }
        return expr instanceof Expr.Unary unary
                && switch (unary.op()) {
                    case NOT, IS_NAN, IS_INFINITE -> true;
                    default -> false;
                };
    }

    /** The number of an input; strides over the shape alone are 0 along reduced dimensions. */
    int index(View view) {
        List<Integer> strides = new ArrayList<>(view.strides());
        while (strides.size() < shape.length + root.reduced().size()) {
            strides.add(0);
        }
        View whole = new View(view.value(), view.offset(), strides);
        int start = root instanceof Deferred.Product ? 2 : 0;
        for (int i = start; i < inputs.size(); i++) {
            if (inputs.get(i).equals(whole)) {
                return i;
            }
        }
        inputs.add(whole);
        return inputs.size() - 1;
    }

    List<View> inputs() {
        return inputs;
    }

    Deferred.Root root() {
        return root;
    }

    /** Origins of everything pulled in, followed by the present node's. */
    String origin() {
        List<String> all = new ArrayList<>(origins);
        all.add(builder.origin());
        return String.join(" + ", all.stream().distinct().toList());
    }
}
