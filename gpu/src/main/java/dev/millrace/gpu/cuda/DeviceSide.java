package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.compiler.KernelCompilationException;
import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.driver.CudaException;
import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.model.Plan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * All that an engine holds of a device: the context, the program, and per slot page-locked memory,
 * stream and device memory. Engine's thread only.
 */
final class DeviceSide implements AutoCloseable {
    private final EngineOptions options;
    private final CudaContext context;
    private final LoadedProgram loaded;
    private final List<HostBuffers> buffers = new ArrayList<>();
    private final List<SlotDevice> devices = new ArrayList<>();
    private final List<CudaSlot> slots = new ArrayList<>();
    private final RowLimit limit;
    private final Closing closing = new Closing();
    private int backoffsAtOpen;

    private DeviceSide(Plan plan, EngineOptions options, CudaSettings settings)
            throws EngineException, CudaUnavailableException {
        this.options = options;
        this.limit = new RowLimit(options.maxBatchSize());
        this.context = closing.add(CudaContext.open(options.device()));
        try {
            context.makeCurrent();
            loaded =
                    closing.add(
                            LoadedProgram.load(
                                    context, options.device(), plan, settings.kernelCache()));
            for (int index = 0; index < options.slots(); index++) {
                addSlot(plan, index);
            }
            takeDeviceMemory();
        } catch (RuntimeException | EngineException | CudaUnavailableException e) {
            closing.closeAfter(e);
            throw e;
        }
    }

    static DeviceSide open(Plan plan, EngineOptions options, CudaSettings settings)
            throws EngineException {
        try {
            return new DeviceSide(plan, options, settings);
        } catch (CudaUnavailableException | KernelCompilationException e) {
            throw new EngineException(EngineException.Kind.MODEL, e.getMessage(), e);
        } catch (CudaException e) {
            throw new EngineException(kindOf(e), atOpen(plan, options, e), e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new EngineException(EngineException.Kind.MODEL, atOpen(plan, options, e), e);
        }
    }

    private static EngineException.Kind kindOf(CudaException e) {
        return e.severity() == CudaException.Severity.DEVICE_FATAL
                ? EngineException.Kind.DEVICE_FATAL
                : EngineException.Kind.RETRYABLE;
    }

    private static String atOpen(Plan plan, EngineOptions options, RuntimeException e) {
        return "No cuda engine with %d slots of %d rows (%d bytes in and %d out per row) on device %d: %s"
                .formatted(
                        options.slots(),
                        options.maxBatchSize(),
                        plan.signature().inputRowBytes(),
                        plan.signature().outputRowBytes(),
                        options.device(),
                        e.getMessage());
    }

    private void addSlot(Plan plan, int index) {
        int capacity = options.maxBatchSize();
        HostBuffers host =
                closing.add(new HostBuffers(plan.signature(), loaded.program(), capacity));
        buffers.add(host);
        devices.add(closing.add(new SlotDevice(loaded, plan.signature(), host)));
        int inputs = plan.signature().inputs().size();
        slots.add(
                new CudaSlot(
                        index,
                        capacity,
                        views(host, 0, inputs, capacity),
                        views(host, inputs, loaded.program().buffers(), capacity)));
    }

    private static ByteBuffer[] views(HostBuffers host, int from, int to, int capacity) {
        ByteBuffer[] views = new ByteBuffer[to - from];
        for (int tensor = from; tensor < to; tensor++) {
            views[tensor - from] = host.view(tensor, capacity);
        }
        return views;
    }

    /** All slots get memory for the same number of rows: the most that there is memory for. */
    private void takeDeviceMemory() {
        while (true) {
            try {
                for (SlotDevice device : devices) {
                    device.resize(limit.rows());
                }
                return;
            } catch (CudaException e) {
                if (e.severity() != CudaException.Severity.OUT_OF_MEMORY || !limit.halve()) {
                    throw e;
                }
                backoffsAtOpen++;
                devices.forEach(SlotDevice::freeMemory);
            }
        }
    }

    List<CudaSlot> slots() {
        return slots;
    }

    SlotDevice device(CudaSlot slot) {
        return devices.get(slot.index());
    }

    RowLimit limit() {
        return limit;
    }

    int backoffsAtOpen() {
        return backoffsAtOpen;
    }

    CudaContext.DeviceFacts facts() {
        return context.facts();
    }

    int ordinal() {
        return options.device();
    }

    void makeCurrent() {
        context.makeCurrent();
    }

    long pinnedBytes() {
        return buffers.stream().mapToLong(HostBuffers::bytes).sum();
    }

    long deviceBytes() {
        return loaded.constantBytes() + devices.stream().mapToLong(SlotDevice::deviceBytes).sum();
    }

    /** Whether nothing issued by any slot is still running. */
    boolean isIdle() {
        for (SlotDevice device : devices) {
            if (!device.isDone()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        closing.close();
    }
}
