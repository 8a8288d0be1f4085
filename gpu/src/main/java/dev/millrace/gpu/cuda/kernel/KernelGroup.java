package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Step;
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
}
