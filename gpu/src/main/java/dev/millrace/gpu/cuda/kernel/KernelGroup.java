package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Steps that become one kernel.
 *
 * @param tiled whether blocks take tiles of rows through the steps, else one step over the grid
 * @param inner values that only these steps touch
 */
record KernelGroup(List<Step> steps, boolean tiled, Set<Integer> inner) {
    KernelGroup {
        steps = List.copyOf(steps);
        inner = Set.copyOf(inner);
    }

    /** Cuts a plan into kernels. Steps without points are left out. */
    static List<KernelGroup> of(Plan plan) {
        List<KernelGroup> groups = new ArrayList<>();
        for (Step step : plan.steps()) {
            if (Work.points(step) > 0) {
                groups.add(
                        new KernelGroup(
                                List.of(step), step instanceof Step.TreeEnsemble, Set.of()));
            }
        }
        return groups;
    }
}
