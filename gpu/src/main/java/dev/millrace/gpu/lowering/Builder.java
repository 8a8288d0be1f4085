package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The plan while it grows: values, steps, and the fusing and folding on the way. */
final class Builder {
    private static final ModelSignature NO_SIGNATURE = new ModelSignature(List.of(), List.of());

    /** Most steps of a plan: recurrences are unrolled, and a file is not to be trusted. */
    private static final int MOST_STEPS = 20_000;

    /** Most elements of all constants together, 4 GiB of floats. */
    private static final long MOST_CONSTANT_ELEMENTS = 1L << 30;

    private final List<PlanValue> values = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private String origin = "";
    private long constantElements;

    /** Says which node the following computations belong to. */
    void at(String node) {
        origin = node;
    }

    String origin() {
        return origin;
    }

    List<PlanValue> values() {
        return values;
    }

    List<Step> steps() {
        return steps;
    }

    Val constant(Tensor tensor) {
        constantElements += tensor.elements();
        Refusal.unless(
                constantElements <= MOST_CONSTANT_ELEMENTS, "the model's constants are too large");
        int id = newValue(tensor.type(), tensor.shape(), PlanValue.Role.CONSTANT, -1, tensor);
        int[] shape = Shapes.unboxed(tensor.shape());
        return Val.of(tensor.type(), shape, Rows.NONE, View.contiguous(id, shape));
    }

    Val constant(long... elements) {
        return constant(Tensor.of(ElementType.INT64, List.of(elements.length), elements));
    }

    Val constant(int[] shape, float... elements) {
        return constant(Tensor.of(ElementType.FLOAT32, Shapes.boxed(shape), elements));
    }

    Val scalar(float element) {
        return constant(new int[0], element);
    }

    Val input(String name, ElementType type, int[] shape, int rowAxis, int slot) {
        Shapes.elements(shape);
        int id = values.size();
        values.add(
                new PlanValue(
                        id,
                        name,
                        type,
                        Shapes.boxed(shape),
                        PlanValue.Role.INPUT,
                        slot,
                        Optional.empty()));
        return Val.of(PlanImporter.computed(type), shape, rowAxis, View.contiguous(id, shape));
    }

    /** A value that steps of the caller write. */
    Val allocate(ElementType type, int[] shape, int rowAxis) {
        Shapes.elements(shape);
        int id = newValue(type, Shapes.boxed(shape), PlanValue.Role.INTERMEDIATE, -1, null);
        return Val.of(type, shape, rowAxis, View.contiguous(id, shape));
    }

    private int newValue(
            ElementType type, List<Integer> shape, PlanValue.Role role, int slot, Tensor tensor) {
        int id = values.size();
        String name = (role == PlanValue.Role.CONSTANT ? "constant " : "value ") + id;
        values.add(new PlanValue(id, name, type, shape, role, slot, Optional.ofNullable(tensor)));
        return id;
    }

    /** Gives a value another name, type, shape and role; its number and elements stay. */
    void replace(int id, PlanValue value) {
        values.set(id, renumbered(value, id));
    }

    static PlanValue renumbered(PlanValue value, int id) {
        return new PlanValue(
                id,
                value.name(),
                value.type(),
                value.shape(),
                value.role(),
                value.slot(),
                value.constant());
    }

    boolean isConstant(int valueId) {
        return values.get(valueId).isConstant();
    }

    boolean isConstant(Val value) {
        return !value.isDeferred() && isConstant(value.view().value());
    }

    /** Where the elements are; makes a deferred computation a step. */
    View view(Val value) {
        if (value.isDeferred()) {
            Val target = allocate(value.type, value.shape, value.rowAxis);
            compute(value, target.view());
            value.computed(target.view());
        }
        return value.view();
    }

    /** Makes a deferred computation a step that writes to a place of the caller's. */
    void compute(Val value, View target) {
        Deferred deferred = value.deferred();
        if (deferred == null) {
            deferred =
                    new Deferred(
                            origin,
                            new Deferred.None(),
                            List.of(value.view()),
                            new Expr.Load(0, value.kind()));
        }
        add(Emitter.step(deferred, value.shape, target));
    }

    void add(Step step) {
        Refusal.unless(steps.size() < MOST_STEPS, "the plan has more than %d steps", MOST_STEPS);
        steps.add(step);
    }

    /**
     * Adds a step that writes whole values, or folds it at once if it reads constants alone: the
     * values then are constants.
     */
    void addWhole(Step step) {
        if (!step.inputs().stream().allMatch(access -> isConstant(access.value()))) {
            add(step);
            return;
        }
        Plan plan = new Plan(NO_SIGNATURE, Plan.RowMode.WHOLE_MODEL, values, List.of(step));
        PlanInterpreter interpreter = new PlanInterpreter(plan, 1);
        for (Access written : Accesses.written(step)) {
            PlanValue value = values.get(written.value());
            Tensor folded = interpreter.foldOnce(value.id());
            values.set(
                    value.id(),
                    new PlanValue(
                            value.id(),
                            value.name(),
                            value.type(),
                            value.shape(),
                            PlanValue.Role.CONSTANT,
                            -1,
                            Optional.of(folded)));
        }
    }

    /** The same elements in memory of their own, in the order of the shape. */
    Val copied(Val value) {
        if (isConstant(value)) {
            return constant(tensor(value))
                    .withRowAxis(value.rowAxis)
                    .withRowCounts(value.rowCounts);
        }
        Val copy = allocate(value.type, value.shape, value.rowAxis);
        compute(value, copy.view());
        return copy;
    }

    /** Another way through the elements of a computed value. */
    Val viewed(Val like, int[] shape, int rowAxis, View view) {
        return Val.of(like.type, shape, rowAxis, view);
    }

    /** A computation with the result's shape, folded at once if it needs constants alone. */
    Val defer(ElementType type, int[] shape, int rowAxis, Deferred deferred) {
        Shapes.elements(shape);
        Val value = Val.of(type, shape, rowAxis, deferred);
        for (View input : deferred.inputs()) {
            if (!isConstant(input.value())) {
                return value;
            }
        }
        return fold(value).withRowAxis(rowAxis);
    }

    private Val fold(Val value) {
        Shapes.constantElements(value.shape);
        List<PlanValue> folding = new ArrayList<>();
        Deferred deferred = value.deferred();
        List<View> inputs = new ArrayList<>();
        for (View input : deferred.inputs()) {
            PlanValue original = values.get(input.value());
            PlanValue copy =
                    new PlanValue(
                            folding.size(),
                            original.name(),
                            original.type(),
                            original.shape(),
                            original.role(),
                            -1,
                            original.constant());
            inputs.add(new View(copy.id(), input.offset(), input.strides()));
            folding.add(copy);
        }
        int result = folding.size();
        folding.add(
                new PlanValue(
                        result,
                        "folded",
                        value.type,
                        Shapes.boxed(value.shape),
                        PlanValue.Role.INTERMEDIATE,
                        -1,
                        Optional.empty()));
        Step step =
                Emitter.step(
                        new Deferred(deferred.origin(), deferred.root(), inputs, deferred.expr()),
                        value.shape,
                        View.contiguous(result, value.shape));
        Plan plan = new Plan(NO_SIGNATURE, Plan.RowMode.WHOLE_MODEL, folding, List.of(step));
        try {
            return constant(new PlanInterpreter(plan, 1).foldOnce(result));
        } catch (ArithmeticException e) {
            throw new Refusal(e.getMessage());
        }
    }

    /** An elementwise result over the broadcast shape of its operands. */
    Val elementwise(ElementType type, List<Val> operands, Function<List<Expr>, Expr> body) {
        int[] shape = new int[0];
        for (Val operand : operands) {
            shape = Shapes.broadcast(shape, operand.shape);
        }
        return elementwise(type, shape, Rows.broadcast(shape, operands), operands, body);
    }

    Val elementwise(
            ElementType type,
            int[] shape,
            int rowAxis,
            List<Val> operands,
            Function<List<Expr>, Expr> body) {
        Operands collected = new Operands(this, shape, true);
        Expr expr = body.apply(collected.adopt(operands));
        if (faultsInBranch(expr)) {
            collected = new Operands(this, shape, false);
            expr = body.apply(collected.adopt(operands));
        }
        return defer(
                type,
                shape,
                rowAxis,
                new Deferred(collected.origin(), collected.root(), collected.inputs(), expr));
    }

    private static boolean faultsInBranch(Expr expr) {
        return Exprs.any(
                expr,
                part -> {
                    if (part instanceof Expr.Select select) {
                        return faults(select.whenTrue()) || faults(select.whenFalse());
                    }
                    return part instanceof Expr.Guarded guarded
                            && (faults(guarded.inside()) || faults(guarded.outside()));
                });
    }

    private static boolean faults(Expr expr) {
        return Exprs.any(expr, part -> part instanceof Expr.CheckedIndex);
    }

    /** The contents of a constant in the order of its shape. */
    Tensor tensor(Val value) {
        View view = view(value);
        Tensor whole = values.get(view.value()).tensor();
        List<Integer> shape = Shapes.boxed(value.shape);
        if (view.offset() == 0
                && whole.elements() == value.elements()
                && value.type == whole.type()
                && view.strides().equals(Shapes.boxed(Shapes.strides(value.shape)))) {
            return whole.reshaped(shape);
        }
        int[] positions = Positions.of(value.shape, view);
        Cells cells = new Cells(value.type, value.shape);
        for (int i = 0; i < positions.length; i++) {
            cells.set(i, whole, positions[i]);
        }
        return cells.tensor();
    }

    /** The contents of a constant that shapes or settings depend on. */
    Tensor required(Val value, String what) {
        if (!isConstant(value)) {
            throw new Refusal(
                    "%s must be a constant, but it is computed from the record".formatted(what),
                    inputBehind(value));
        }
        return tensor(value);
    }

    /** Name of a model input that a value comes straight from; empty if there is none. */
    private String inputBehind(Val value) {
        List<View> views = value.isDeferred() ? value.deferred().inputs() : List.of(value.view());
        for (View view : views) {
            PlanValue origin = values.get(view.value());
            if (origin.role() == PlanValue.Role.INPUT) {
                return origin.name();
            }
        }
        return "";
    }

    long[] requiredLongs(Val value, String what) {
        Tensor tensor = required(value, what);
        Refusal.unless(tensor.kind() == ScalarKind.I64, "%s must be integers", what);
        Refusal.unless(value.rowCounts.length == 0, "%s depends on the number of records", what);
        return tensor.toLongs();
    }
}
