package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.driver.CudaException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices on which something did not end in time. A driver call that frees would wait for it, so
 * what belongs to it is kept until it ends, and no engine opens on such a device. Any thread.
 */
final class HungDevices {
    private static final Logger LOG = LoggerFactory.getLogger(HungDevices.class);
    private static final List<Hung> ALL = new ArrayList<>();

    private HungDevices() {}

    /** A device side whose engine gave up on it; abandoned once the engine was closed. */
    private static final class Hung {
        private final DeviceSide side;
        private boolean abandoned;

        Hung(DeviceSide side) {
            this.side = side;
        }
    }

    static synchronized void add(DeviceSide side) {
        ALL.add(new Hung(side));
    }

    /** The engine is closed. Frees what is idle by now. The context must be current. */
    static synchronized void abandon(DeviceSide side) {
        for (Hung hung : ALL) {
            if (hung.side == side) {
                hung.abandoned = true;
            }
        }
        freeWhatEnded();
        if (ALL.stream().anyMatch(hung -> hung.side == side)) {
            LOG.warn(
                    "Device {} still does not answer: {} bytes of page-locked and {} bytes of device memory stay taken until it does or the process ends",
                    side.ordinal(),
                    side.pinnedBytes(),
                    side.deviceBytes());
        }
    }

    static synchronized boolean isHeld(DeviceSide side) {
        return ALL.stream().anyMatch(hung -> hung.side == side);
    }

    static String refusal(int ordinal) {
        return "Device %d does not answer: a micro-batch of this process has not ended on it; restart the process"
                .formatted(ordinal);
    }

    /** Whether something still hangs on a device; frees what ended meanwhile. */
    static synchronized boolean isHung(int ordinal) {
        if (ALL.isEmpty()) {
            return false;
        }
        // On a thread of its own: the context must be current, and the caller's is not ours.
        Thread thread = new Thread(HungDevices::freeWhatEnded, "millrace-cuda-reclaim");
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ALL.stream().anyMatch(hung -> hung.side.ordinal() == ordinal);
    }

    private static void freeWhatEnded() {
        ALL.removeIf(HungDevices::freeIfEnded);
    }

    private static boolean freeIfEnded(Hung hung) {
        try {
            hung.side.makeCurrent();
            if (!hung.side.isIdle()) {
                return false;
            }
            if (hung.abandoned) {
                hung.side.close();
            }
            return hung.abandoned;
        } catch (CudaException e) {
            LOG.debug("A device that hung failed", e);
            return hung.abandoned;
        }
    }
}
