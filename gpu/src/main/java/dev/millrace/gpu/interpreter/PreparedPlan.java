package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;

/**
 * A plan with what all its interpreters share: constants, and the kernels' packed weights. Any
 * thread may ask for an interpreter; each of those belongs to one thread at a time.
 */
public final class PreparedPlan {
    private final Plan plan;
    private final StepKernels kernels;
    private final Memory[] constants;

    /**
     * @param kernels fast ways to carry out some of the steps
     */
    public PreparedPlan(Plan plan, StepKernels kernels) {
        this.plan = plan;
        this.kernels = kernels;
        this.constants = new Memory[plan.values().size()];
    }

    public Plan plan() {
        return plan;
    }

    /**
     * Makes an interpreter with its own scratch memory.
     *
     * @param maxRows the most rows of one run; fewer are held at once where rows are large
     */
    public PlanInterpreter interpreter(int maxRows) {
        return new PlanInterpreter(this, maxRows);
    }

    StepKernels kernels() {
        return kernels;
    }

    /** A constant's elements, read from its tensor when somebody first wants them. */
    synchronized Memory constant(PlanValue value) {
        Memory known = constants[value.id()];
        if (known == null) {
            known = new Memory(value, 1);
            constants[value.id()] = known;
        }
        return known;
    }
}
