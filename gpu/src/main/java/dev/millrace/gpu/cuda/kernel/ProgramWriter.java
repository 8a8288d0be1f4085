package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.cuda.compiler.KernelSource;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes the whole program of a plan: which steps become which kernel, and where values lie. */
final class ProgramWriter {
    private static final int FLAT_THREADS = 256;

    /** Enough blocks to fill a device several times over; beyond, blocks loop. */
    private static final int BLOCKS_PER_MULTIPROCESSOR = 32;

    private static final List<String> HEADERS =
            List.of("millrace_kernels.cuh", "millrace_math.cuh");

    private final Plan plan;
    private final DeviceShape device;
    private final ConstantTable constants = new ConstantTable();
    private final SharedLayout scratch = new SharedLayout();
    private final Map<Integer, Location> locations = new HashMap<>();
    private final CodeText code = new CodeText();
    private final List<KernelProgram.Launch> launches = new ArrayList<>();

    ProgramWriter(Plan plan, DeviceShape device) {
        this.plan = plan;
        this.device = device;
    }

    KernelProgram write() throws EngineException {
        int inputs = plan.signature().inputs().size();
        int buffers = inputs + plan.signature().outputs().size();
        List<KernelGroup> groups = Grouping.of(plan, locations, device);
        Set<Integer> inner = new HashSet<>();
        groups.forEach(group -> inner.addAll(group.inner()));
        for (PlanValue value : plan.values()) {
            if (!inner.contains(value.id())) {
                locate(value, inputs);
            }
        }
        code.line("#ifdef __CUDACC__");
        code.line("#pragma nv_diag_suppress 177"); // a name that this step does not need
        code.line("#endif");
        code.line("#include \"millrace_kernels.cuh\"");
        code.line(
                "struct Args { int* header; const unsigned char* constants; unsigned char* scratch; mr_i64 limit; void* buffers[%d]; };",
                buffers);
        for (KernelGroup group : groups) {
            write(group);
        }
        return new KernelProgram(
                new KernelSource(code.toString(), headers()),
                launches,
                constants,
                buffers,
                scratch.bytes(),
                plan.mayFault());
    }

    private void locate(PlanValue value, int inputs) {
        switch (value.role()) {
            case INPUT ->
                    locations.put(value.id(), new Location.Global(value.slot(), value.elements()));
            case OUTPUT ->
                    locations.put(
                            value.id(),
                            new Location.Global(inputs + value.slot(), value.elements()));
            case CONSTANT -> {
                if (isUsed(value.id())) {
                    long offset = constants.add(value.tensor().toBytes());
                    locations.put(value.id(), new Location.Constant(offset));
                }
            }
            case INTERMEDIATE -> {
                if (isUsed(value.id())) {
                    int bytes = Math.multiplyExact(value.elements(), value.type().bytes());
                    int offset = scratch.place(bytes, firstUse(value.id()), lastUse(value.id()));
                    locations.put(value.id(), new Location.Scratch(offset, value.elements()));
                }
            }
        }
    }

    private boolean isUsed(int id) {
        return plan.steps().stream().anyMatch(step -> Uses.of(step).contains(id));
    }

    private int firstUse(int id) {
        int number = 0;
        while (!Uses.of(plan.steps().get(number)).contains(id)) {
            number++;
        }
        return number;
    }

    private int lastUse(int id) {
        int number = plan.steps().size() - 1;
        while (!Uses.of(plan.steps().get(number)).contains(id)) {
            number--;
        }
        return number;
    }

    private void write(KernelGroup group) throws EngineException {
        if (group.tiled()) {
            tile(group);
        } else {
            flat(group.steps().get(0));
        }
    }

    /** Room for two blocks per multiprocessor, so that one computes while the other waits. */
    private void open(int threads) {
        code.open(
                "extern \"C\" __global__ void __launch_bounds__(%d, 2) k%d(const Args a)",
                threads, launches.size());
        code.line("const int rows = a.header[0];");
    }

    private void flat(Step step) {
        open(FLAT_THREADS);
        WorkLoop.Flat loop = new WorkLoop.Flat(FLAT_THREADS);
        new StepWriter(code, plan, locations::get, loop).write(step);
        code.close();
        launches.add(
                new KernelProgram.Launch(
                        "k" + launches.size(),
                        FLAT_THREADS,
                        0,
                        loop.rowsPerUnit(),
                        loop.threadsPerUnit(),
                        device.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR));
    }

    private void tile(KernelGroup group) throws EngineException {
        TileKernel kernel =
                TileKernel.of(plan, group.steps(), locations, group.inner(), device)
                        .orElseThrow(() -> tooLarge(group));
        open(TileKernel.THREADS);
        kernel.write(code, constants);
        code.close();
        launches.add(
                new KernelProgram.Launch(
                        "k" + launches.size(),
                        TileKernel.THREADS,
                        kernel.sharedBytes(),
                        kernel.tileRows(),
                        TileKernel.THREADS,
                        device.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR));
    }

    private EngineException tooLarge(KernelGroup group) {
        return new EngineException(
                EngineException.Kind.MODEL,
                "%s does not fit: one row needs more than the %d bytes of shared memory that a block of this device has; use the cpu engine"
                        .formatted(group.steps().get(0).origin(), device.sharedBudget()));
    }

    /** The headers by the names they are included by. */
    static Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        for (String name : HEADERS) {
            String path = "/dev/millrace/gpu/cuda/kernels/" + name;
            try (InputStream stream = ProgramWriter.class.getResourceAsStream(path)) {
                if (stream == null) {
                    throw new IllegalStateException("The class path has no " + path);
                }
                headers.put(name, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return headers;
    }
}
