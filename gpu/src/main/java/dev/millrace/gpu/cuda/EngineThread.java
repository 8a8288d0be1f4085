package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.driver.CudaContext.DeviceFacts;
import dev.millrace.gpu.cuda.driver.CudaException;
import dev.millrace.gpu.cuda.driver.CudaException.Severity;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.model.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of an engine. It takes submitted slots from the queue, gives them to the device, asks
 * their events and completes them; no other thread makes a driver call.
 *
 * <p>A submission above the device memory's rows goes in parts, one after another. When memory must
 * change its size, nothing else is given to the device until it is idle: a call that frees waits
 * for whatever runs.
 */
final class EngineThread {
    private static final Logger LOG = LoggerFactory.getLogger(EngineThread.class);

    /** Asking without pause costs a core, pausing costs latency: first the one, then the other. */
    private static final long SPIN_NANOS = 20_000;

    private static final long SHORTEST_PAUSE_NANOS = 20_000;
    private static final long LONGEST_PAUSE_NANOS = 500_000;

    private final String name;
    private final Plan plan;
    private final EngineOptions options;
    private final CudaSettings settings;
    private final String reason;
    private final SubmissionQueue queue;
    private final Figures figures = new Figures();
    private final Completion completion = new Completion(figures);
    private final Thread thread;
    private final CompletableFuture<List<CudaSlot>> opened = new CompletableFuture<>();
    private final List<CudaSlot> waiting = new ArrayList<>();

    private volatile EngineDescription description;
    private volatile String deviceId;
    private volatile int batchLimit;

    private DeviceSide side;
    private int onDevice;
    private LostDevice lost;

    EngineThread(
            String name,
            Plan plan,
            EngineOptions options,
            CudaSettings settings,
            String reason,
            SubmissionQueue queue) {
        this.name = name;
        this.plan = plan;
        this.options = options;
        this.settings = settings;
        this.reason = reason;
        this.queue = queue;
        this.thread = new Thread(this::run, "millrace-cuda-" + name);
        thread.setDaemon(true);
    }

    /** Opens the device; returns the slots. */
    List<CudaSlot> start() throws EngineException {
        thread.start();
        try {
            return opened.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EngineException refused) {
                throw refused;
            }
            throw e;
        }
    }

    EngineDescription description() {
        return description;
    }

    String deviceId() {
        return deviceId;
    }

    int batchLimit() {
        return batchLimit;
    }

    Figures figures() {
        return figures;
    }

    /** Waits until the thread has completed and freed everything. */
    void join() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            open();
        } catch (EngineException | RuntimeException | Error e) {
            opened.completeExceptionally(e);
            return;
        }
        try {
            work();
        } finally {
            free();
        }
    }

    private void open() throws EngineException {
        if (HungDevices.isHung(options.device())) {
            throw new EngineException(
                    EngineException.Kind.DEVICE_FATAL, HungDevices.refusal(options.device()));
        }
        side = DeviceSide.open(plan, options, settings);
        DeviceFacts facts = side.facts();
        deviceId = facts.pciBusId();
        String device =
                "%s, compute capability %d.%d"
                        .formatted(facts.name(), facts.capability() / 10, facts.capability() % 10);
        description =
                new EngineDescription(
                        CudaBackend.NAME, device, Precision.FP32, Exactness.PORTABLE, reason);
        for (int i = 0; i < side.backoffsAtOpen(); i++) {
            figures.backedOff();
        }
        limitChanged();
        opened.complete(side.slots());
    }

    private void limitChanged() {
        if (batchLimit != 0 && batchLimit != side.limit().rows()) {
            LOG.warn(
                    "Device memory for {} rows per micro-batch instead of {} (model {})",
                    side.limit().rows(),
                    batchLimit,
                    name);
        }
        batchLimit = side.limit().rows();
        figures.holds(side.pinnedBytes(), side.deviceBytes());
    }

    private void work() {
        long idleSince = System.nanoTime();
        long pause = SHORTEST_PAUSE_NANOS;
        while (true) {
            boolean progress = takeSubmissions();
            progress |= completeWhatIsDone();
            progress |= resumeWaiting();
            if (progress) {
                idleSince = System.nanoTime();
                pause = SHORTEST_PAUSE_NANOS;
            } else if (onDevice == 0) {
                if (queue.isClosedAndEmpty()) {
                    return;
                }
                queue.await(0);
            } else if (System.nanoTime() - idleSince < SPIN_NANOS) {
                Thread.onSpinWait();
            } else {
                queue.await(pause);
                pause = Math.min(LONGEST_PAUSE_NANOS, 2 * pause);
            }
        }
    }

    private boolean takeSubmissions() {
        boolean any = false;
        for (CudaSlot slot = queue.poll(); slot != null; slot = queue.poll()) {
            any = true;
            if (lost != null) {
                lost.score(slot);
            } else {
                give(slot, 0);
            }
        }
        return any;
    }

    /** Gives the device rows of a slot from {@code firstRow} on, or makes the slot wait. */
    private void give(CudaSlot slot, int firstRow) {
        slot.issued(firstRow, 0, false, 0);
        slot.leaveDevice();
        SlotDevice device = side.device(slot);
        if (!waiting.isEmpty() || (onDevice > 0 && device.limitRows() != side.limit().rows())) {
            waiting.add(slot);
            return;
        }
        try {
            if (device.limitRows() != side.limit().rows()) {
                resize(device);
            }
            issue(slot, device, firstRow);
        } catch (CudaException e) {
            failed(slot, e);
        }
    }

    private boolean resumeWaiting() {
        if (waiting.isEmpty() || onDevice > 0 || lost != null) {
            return false;
        }
        List<CudaSlot> resumed = List.copyOf(waiting);
        waiting.clear();
        for (CudaSlot slot : resumed) {
            if (lost == null) {
                give(slot, slot.issuedFrom());
            } else {
                lost.score(slot);
            }
        }
        return true;
    }

    /** Makes the memory as large as the limit says, or the limit as small as there is memory. */
    private void resize(SlotDevice device) {
        while (device.limitRows() != side.limit().rows()) {
            try {
                device.resize(side.limit().rows());
            } catch (CudaException e) {
                if (e.severity() != Severity.OUT_OF_MEMORY) {
                    throw e;
                }
                if (device.limitRows() > 0) {
                    side.limit().refusedToGrow(device.limitRows());
                } else {
                    backOff(e);
                }
            }
        }
        limitChanged();
    }

    private void backOff(CudaException cause) {
        if (!side.limit().halve()) {
            throw cause;
        }
        figures.backedOff();
        limitChanged();
    }

    private void issue(CudaSlot slot, SlotDevice device, int firstRow) {
        int rows = Math.min(slot.rows() - firstRow, device.limitRows());
        boolean timed = figures.nextIsTimed();
        long deadline = System.nanoTime() + settings.timeoutMs() * 1_000_000;
        slot.issued(firstRow, 0, false, deadline);
        onDevice++;
        try {
            device.issue(firstRow, rows, timed);
            slot.issued(firstRow, rows, timed, deadline);
        } catch (CudaException e) {
            if (e.severity() != Severity.OUT_OF_MEMORY) {
                onDevice--;
                slot.leaveDevice();
                throw e;
            }
            try {
                backOff(e);
                // Some of it may be on its way: once that ended, the same rows go again.
                device.mark();
            } catch (CudaException again) {
                onDevice--;
                slot.leaveDevice();
                throw again;
            }
        }
    }

    private boolean completeWhatIsDone() {
        boolean any = false;
        for (CudaSlot slot : side.slots()) {
            if (slot.isOnDevice()) {
                any |= check(slot);
            }
        }
        return any;
    }

    private boolean check(CudaSlot slot) {
        SlotDevice device = side.device(slot);
        try {
            if (device.isDone()) {
                onDevice--;
                slot.leaveDevice();
                advance(slot, device);
                return true;
            }
        } catch (CudaException e) {
            onDevice--;
            slot.leaveDevice();
            failed(slot, e);
            return true;
        }
        if (System.nanoTime() - slot.deadlineNanos() < 0) {
            return false;
        }
        HungDevices.add(side);
        lose(
                "a micro-batch of %d rows did not end within %d ms"
                        .formatted(slot.rows(), settings.timeoutMs()),
                null);
        return true;
    }

    private void advance(CudaSlot slot, SlotDevice device) {
        int fault = slot.issuedRows() == 0 ? -1 : device.fault();
        if (fault >= 0) {
            completion.fail(slot, Completion.atFault(slot, slot.issuedFrom() + fault));
            return;
        }
        if (slot.isTimed()) {
            figures.timed(slot.issuedRows(), device.nanos(0), device.nanos(1), device.nanos(2));
        }
        int next = slot.issuedFrom() + slot.issuedRows();
        if (next < slot.rows()) {
            give(slot, next);
            return;
        }
        side.limit().scored();
        completion.scoredOnDevice(slot);
    }

    /** A driver call for this slot failed; the slot is not on the device any more. */
    private void failed(CudaSlot slot, CudaException e) {
        if (e.severity() == Severity.DEVICE_FATAL) {
            lose(e.getMessage(), e);
            lost.score(slot);
            return;
        }
        completion.fail(
                slot,
                new EngineException(
                        EngineException.Kind.RETRYABLE,
                        "A micro-batch of %d rows failed on device %d: %s"
                                .formatted(slot.rows(), side.ordinal(), e.getMessage()),
                        e));
    }

    /** From here on the twin scores, if it may; what is on the device goes to it, too. */
    private void lose(String what, CudaException cause) {
        if (lost != null) {
            return;
        }
        String message =
                "Device %d (%s) is lost to this process: %s"
                        .formatted(side.ordinal(), side.facts().name(), what);
        lost = LostDevice.of(message, cause, name, plan, options, settings, completion);
        lost.description().ifPresent(ofTwin -> description = ofTwin);
        batchLimit = options.maxBatchSize();
        if (lost.description().isPresent()) {
            figures.fallBack();
        }
        figures.holds(side.pinnedBytes() + lost.bytes(), side.deviceBytes());
        onDevice = 0;
        List<CudaSlot> moved = new ArrayList<>(waiting);
        waiting.clear();
        for (CudaSlot slot : side.slots()) {
            if (slot.isOnDevice()) {
                slot.leaveDevice();
                moved.add(slot);
            }
        }
        moved.forEach(lost::score);
    }

    private void free() {
        if (lost != null) {
            lost.close();
        }
        if (HungDevices.isHeld(side)) {
            HungDevices.abandon(side);
            return;
        }
        try {
            side.close();
        } catch (RuntimeException e) {
            if (lost == null) {
                LOG.warn("Not everything could be given back to device {}", side.ordinal(), e);
            } else {
                LOG.debug("A lost device takes nothing back", e);
            }
        }
    }
}
