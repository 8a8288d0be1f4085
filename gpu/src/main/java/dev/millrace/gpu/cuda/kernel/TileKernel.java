package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.Step;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A run of steps as one kernel: a block takes some rows through all of them, with a barrier between
 * steps. What is made and used within the run lies in shared memory, as does what many threads read
 * of the inputs.
 */
final class TileKernel {
    static final int THREADS = 256;

    /** So that neighbouring elements of one row do not lie in one bank; keeps 16-byte alignment. */
    static final int ROW_PADDING = 4;

    private static final int[] ROWS_LARGE_FIRST = {64, 32, 16, 8, 4, 2, 1};

    private final Plan plan;
    private final List<Step> steps;
    private final Map<Integer, Location> outside;
    private final int tileRows;
    private final SharedLayout layout = new SharedLayout();
    private final Map<Integer, Location> inside = new HashMap<>();
    private final Map<Integer, Location> staged = new HashMap<>();
    private final Map<Integer, Integer> workOffsets = new HashMap<>();
    private final Map<Integer, Dense> dense = new HashMap<>();

    private record Dense(DenseShape shape, DenseBlocking blocking) {}

    private TileKernel(
            Plan plan,
            List<Step> steps,
            Map<Integer, Location> outside,
            int tileRows,
            Set<Integer> inner,
            boolean staging) {
        this.plan = plan;
        this.steps = steps;
        this.outside = outside;
        this.tileRows = tileRows;
        for (int id : inner) {
            inside.put(id, place(id, firstUse(id), lastUse(id)));
        }
        for (int id : staging ? inputsToStage(inner) : Set.<Integer>of()) {
            staged.put(id, place(id, 0, lastUse(id)));
        }
        for (int number = 0; number < steps.size(); number++) {
            int bytes = workBytes(number);
            if (bytes > 0) {
                workOffsets.put(number, layout.place(bytes, number, number));
            }
        }
    }

    /** Shared memory that a step works in, beside its values. */
    private int workBytes(int number) {
        Step step = steps.get(number);
        if (step instanceof Step.TreeEnsemble ensemble) {
            return TreeWriter.sumBytes(ensemble, tileRows);
        }
        Optional<DenseShape> shape = DenseShape.of(plan, step);
        Optional<DenseBlocking> blocking =
                shape.flatMap(of -> DenseBlocking.of(of, tileRows, THREADS));
        if (blocking.isEmpty()) {
            return 0;
        }
        dense.put(number, new Dense(shape.get(), blocking.get()));
        boolean outside = !inside.containsKey(step.inputs().get(0).value());
        return DenseWriter.workBytes(blocking.get(), tileRows, outside);
    }

    /**
     * Lays out a run of steps with as many rows per block as fit. Inputs of which not even one row
     * fits stay where they are.
     *
     * @param outside where values lie outside of the kernel
     * @param inner values that nothing outside the run needs
     */
    static Optional<TileKernel> of(
            Plan plan,
            List<Step> steps,
            Map<Integer, Location> outside,
            Set<Integer> inner,
            DeviceShape device) {
        Optional<TileKernel> staging = fitting(plan, steps, outside, inner, device, true);
        return staging.isPresent() ? staging : fitting(plan, steps, outside, inner, device, false);
    }

    private static Optional<TileKernel> fitting(
            Plan plan,
            List<Step> steps,
            Map<Integer, Location> outside,
            Set<Integer> inner,
            DeviceShape device,
            boolean staging) {
        int most = mostRows(steps);
        for (int rows : ROWS_LARGE_FIRST) {
            if (rows <= most) {
                Optional<TileKernel> kernel = withRows(plan, steps, outside, rows, inner, staging);
                if (kernel.isPresent() && kernel.get().sharedBytes() <= device.sharedBudget()) {
                    return kernel;
                }
            }
        }
        return Optional.empty();
    }

    /** Empty if a size is beyond 2 GiB. */
    private static Optional<TileKernel> withRows(
            Plan plan,
            List<Step> steps,
            Map<Integer, Location> outside,
            int rows,
            Set<Integer> inner,
            boolean staging) {
        try {
            return Optional.of(new TileKernel(plan, steps, outside, rows, inner, staging));
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static int mostRows(List<Step> steps) {
        boolean trees = steps.stream().anyMatch(step -> step instanceof Step.TreeEnsemble);
        return trees ? 32 : 64;
    }

    private Location place(int id, int first, int last) {
        PlanValue value = plan.value(id);
        int rowStride = tileRows + (tileRows >= ROW_PADDING ? ROW_PADDING : 0);
        int bytes = Math.multiplyExact(value.elements(), rowStride * value.type().bytes());
        return new Location.Shared(layout.place(bytes, first, last), rowStride);
    }

    private int firstUse(int id) {
        for (int number = 0; number < steps.size(); number++) {
            if (Uses.of(steps.get(number)).contains(id)) {
                return number;
            }
        }
        throw new IllegalStateException("Value " + id + " is not used here");
    }

    private int lastUse(int id) {
        int last = 0;
        for (int number = 0; number < steps.size(); number++) {
            if (Uses.of(steps.get(number)).contains(id)) {
                last = number;
            }
        }
        return last;
    }

    /** What comes from outside and is read again and again: the features of trees. */
    private Set<Integer> inputsToStage(Set<Integer> inner) {
        Set<Integer> inputs = new LinkedHashSet<>();
        for (Step step : steps) {
            if (step instanceof Step.TreeEnsemble ensemble
                    && !inner.contains(ensemble.input().value())
                    && !isWrittenHere(ensemble.input().value())) {
                inputs.add(ensemble.input().value());
            }
        }
        return inputs;
    }

    private boolean isWrittenHere(int id) {
        return steps.stream().anyMatch(step -> Uses.writes(step).contains(id));
    }

    int sharedBytes() {
        return layout.bytes();
    }

    int tileRows() {
        return tileRows;
    }

    private Location location(int id) {
        Location location = inside.get(id);
        if (location == null) {
            location = staged.get(id);
        }
        return location == null ? outside.get(id) : location;
    }

    /** Writes the body of the kernel. */
    void write(CodeText code, ConstantTable constants) {
        code.line("MR_SHARED(shared);");
        code.open("for (int tile = blockIdx.x; tile * %d < rows; tile += gridDim.x)", tileRows);
        code.line("const int first_tile_row = tile * %d;", tileRows);
        code.line(
                "const int live_rows = rows - first_tile_row < %d ? rows - first_tile_row : %d;",
                tileRows, tileRows);
        if (!staged.isEmpty()) {
            staged.forEach((id, location) -> stage(code, id, location));
            code.line("__syncthreads();");
        }
        WorkLoop.Tile loop = new WorkLoop.Tile(tileRows, THREADS);
        for (int number = 0; number < steps.size(); number++) {
            Step step = steps.get(number);
            code.line("// " + step.origin().replaceAll("[^\\w .:/-]", "_"));
            code.openScope();
            if (step instanceof Step.TreeEnsemble ensemble) {
                new TreeWriter(code, plan, this::location, loop, constants)
                        .write(ensemble, workOffsets.get(number));
            } else {
                StepWriter writer = new StepWriter(code, plan, this::location, loop);
                if (dense.containsKey(number)) {
                    Dense layer = dense.get(number);
                    new DenseWriter(code, writer, loop, layer.shape(), layer.blocking())
                            .write((Step.Contraction) step, workOffsets.get(number));
                } else {
                    writer.write(step);
                }
            }
            code.close();
            code.line("__syncthreads();");
        }
        code.close();
    }

    private void stage(CodeText code, int id, Location to) {
        PlanValue value = plan.value(id);
        ElementType type = value.type();
        Location from = outside.get(id);
        String storage = Types.accessor(type) + "::type";
        int count = Math.multiplyExact(value.elements(), tileRows);
        code.open("for (int i = threadIdx.x; i < %d; i += %d)", count, THREADS);
        code.line("const int e = i %% %d, lane_row = i / %d;", value.elements(), value.elements());
        code.line("if (lane_row >= live_rows) continue;");
        code.line("const int row = first_tile_row + lane_row;");
        code.line(
                "((%s*)%s)[%s] = ((const %s*)%s)[%s];",
                storage, to.base(), to.position("e"), storage, from.base(), from.position("e"));
        code.close();
    }
}
