package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes plans by hand: float32 inside, one output called scores. */
public final class PlanBuilder {
    /** The running sum of a contraction. */
    public static final Expr SUM = new Expr.Accumulated(ScalarKind.F32);

    private final List<PlanValue> values = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<TensorSpec> inputs = new ArrayList<>();
    private TensorSpec output;

    /** A float32 input called features. */
    public int input(int... shape) {
        return input("features", ElementType.FLOAT32, shape);
    }

    public int input(String name, ElementType type, int... shape) {
        int slot = inputs.size();
        inputs.add(new TensorSpec(name, type, boxed(shape)));
        int id = values.size();
        PlanValue.Role role = PlanValue.Role.INPUT;
        values.add(new PlanValue(id, name, type, boxed(shape), role, slot, Optional.empty()));
        return id;
    }

    public int output(int... shape) {
        output = new TensorSpec("scores", ElementType.FLOAT32, boxed(shape));
        return add("scores", PlanValue.Role.OUTPUT, 0, boxed(shape), Optional.empty());
    }

    public int intermediate(int... shape) {
        return add("t", PlanValue.Role.INTERMEDIATE, -1, boxed(shape), Optional.empty());
    }

    public int constant(float... elements) {
        List<Integer> shape = List.of(elements.length);
        Tensor tensor = Tensor.of(ElementType.FLOAT32, shape, elements.clone());
        return add("w", PlanValue.Role.CONSTANT, -1, shape, Optional.of(tensor));
    }

    public PlanBuilder step(Step step) {
        steps.add(step);
        return this;
    }

    /** A dense layer from value {@code x} to value {@code y}, as the import writes it. */
    public PlanBuilder dense(
            int x, int y, int inputs, int outputs, float[] weights, float[] bias, Expr finish) {
        int w = constant(weights);
        int b = constant(bias);
        boolean one = outputs == 1;
        return step(
                new Step.Contraction(
                        "Gemm",
                        ScalarKind.F32,
                        one ? List.of() : List.of(outputs),
                        List.of(inputs),
                        false,
                        List.of(
                                new Access(x, 0, one ? List.of(1) : List.of(0, 1)),
                                new Access(w, 0, one ? List.of(1) : List.of(1, outputs)),
                                new Access(b, 0, one ? List.of() : List.of(1))),
                        new Expr.Load(2, ScalarKind.F32),
                        finish,
                        new Access(y, 0, one ? List.of() : List.of(1))));
    }

    public Plan build() {
        return new Plan(
                new ModelSignature(inputs, List.of(output)),
                Plan.RowMode.FIRST_DIMENSION,
                values,
                steps);
    }

    private int add(
            String name,
            PlanValue.Role role,
            int slot,
            List<Integer> shape,
            Optional<Tensor> constant) {
        int id = values.size();
        values.add(new PlanValue(id, name, ElementType.FLOAT32, shape, role, slot, constant));
        return id;
    }

    private static List<Integer> boxed(int[] shape) {
        List<Integer> boxed = new ArrayList<>();
        for (int dimension : shape) {
            boxed.add(dimension);
        }
        return boxed;
    }
}
