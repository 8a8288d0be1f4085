package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.PlanValue.Role;
import dev.millrace.gpu.model.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Cuts a plan into kernels: runs of small steps go through one kernel tile by tile, as long as a
 * block keeps enough rows; a large step goes over the whole grid by itself.
 */
final class Grouping {
    /** Fewer rows per block would leave its threads idle and load weights too often. */
    private static final int FEWEST_ROWS = 8;

    /** Beyond this one kernel becomes slow to compile. */
    private static final int MOST_STEPS = 48;

    private final Plan plan;
    private final Map<Integer, Location> locations;
    private final DeviceShape device;
    private final Map<Integer, List<Step>> users = new HashMap<>();
    private final List<KernelGroup> groups = new ArrayList<>();
    private List<Step> run = new ArrayList<>();

    private Grouping(Plan plan, Map<Integer, Location> locations, DeviceShape device) {
        this.plan = plan;
        this.locations = locations;
        this.device = device;
        for (Step step : plan.steps()) {
            for (int value : Uses.of(step)) {
                users.computeIfAbsent(value, id -> new ArrayList<>()).add(step);
            }
        }
    }

    /**
     * Cuts a plan. Steps without points are left out.
     *
     * @param locations of values outside kernels; need not be known yet
     */
    static List<KernelGroup> of(Plan plan, Map<Integer, Location> locations, DeviceShape device) {
        Grouping grouping = new Grouping(plan, locations, device);
        for (Step step : plan.steps()) {
            if (Work.points(step) > 0) {
                grouping.add(step);
            }
        }
        grouping.endRun();
        return grouping.groups;
    }

    private void add(Step step) {
        if (!Work.isSmall(step) && !(step instanceof Step.TreeEnsemble)) {
            endRun();
            groups.add(new KernelGroup(List.of(step), false, Set.of()));
            return;
        }
        List<Step> longer = new ArrayList<>(run);
        longer.add(step);
        if (!run.isEmpty() && (longer.size() > MOST_STEPS || !keepsEnoughRows(longer))) {
            endRun();
            longer = new ArrayList<>(List.of(step));
        }
        run = longer;
    }

    private boolean keepsEnoughRows(List<Step> steps) {
        Optional<TileKernel> kernel = TileKernel.of(plan, steps, locations, innerOf(steps), device);
        return kernel.isPresent() && kernel.get().tileRows() >= FEWEST_ROWS;
    }

    private void endRun() {
        if (run.isEmpty()) {
            return;
        }
        boolean tiled =
                run.size() > 1
                        || run.get(0) instanceof Step.TreeEnsemble
                        || (DenseShape.of(plan, run.get(0)).isPresent() && keepsEnoughRows(run));
        groups.add(new KernelGroup(run, tiled, tiled ? innerOf(run) : Set.of()));
        run = new ArrayList<>();
    }

    /** Intermediates that nothing but these steps touches. */
    private Set<Integer> innerOf(List<Step> steps) {
        Set<Step> these = Collections.newSetFromMap(new IdentityHashMap<>());
        these.addAll(steps);
        Set<Integer> inner = new HashSet<>();
        for (PlanValue value : plan.values()) {
            if (value.role() == Role.INTERMEDIATE
                    && users.containsKey(value.id())
                    && these.containsAll(users.get(value.id()))) {
                inner.add(value.id());
            }
        }
        return inner;
    }
}
