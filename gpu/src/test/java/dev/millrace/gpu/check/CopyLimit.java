package dev.millrace.gpu.check;

import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.driver.CudaEvent;
import dev.millrace.gpu.cuda.driver.CudaStream;
import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import dev.millrace.gpu.cuda.driver.DeviceMemory;
import dev.millrace.gpu.cuda.driver.PinnedMemory;
import dev.millrace.gpu.engine.ModelSignature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How fast this machine copies between pinned and device memory: the limit of everything else.
 * Large copies, each direction by itself and both at once.
 *
 * @param h2d bytes per second to the device
 * @param d2h bytes per second from the device
 * @param h2dOfBoth bytes per second to the device, while as much comes back
 * @param bytes size of one copy
 */
record CopyLimit(double h2d, double d2h, double h2dOfBoth, int bytes) {
    private static final int ROUNDS = 9;
    private static final int COPIES = 8;

    static CopyLimit measure(int device, int bytes) throws CudaUnavailableException {
        try (CudaContext context = CudaContext.open(device)) {
            context.makeCurrent();
            try (Way in = new Way(bytes);
                    Way out = new Way(bytes)) {
                return new CopyLimit(
                        median(in, true, null),
                        median(out, false, null),
                        median(in, true, out),
                        bytes);
            }
        }
    }

    /** Records per second whose inputs and outputs could be copied, both directions at once. */
    double recordsPerSecond(ModelSignature signature) {
        double seconds =
                Math.max(signature.inputRowBytes() / h2d, signature.outputRowBytes() / d2h);
        return 1 / seconds;
    }

    private static double median(Way way, boolean in, Way beside) {
        List<Double> speeds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            if (beside != null) {
                beside.start(false);
            }
            way.start(in);
            speeds.add(way.bytesPerSecond());
            if (beside != null) {
                beside.bytesPerSecond();
            }
        }
        Collections.sort(speeds);
        return speeds.get(ROUNDS / 2);
    }

    /** One direction: memory at both ends, a stream, and events around the copies. */
    private static final class Way implements AutoCloseable {
        private final int bytes;
        private final PinnedMemory pinned;
        private final DeviceMemory device;
        private final CudaStream stream = new CudaStream();
        private final CudaEvent begin = CudaEvent.forTiming();
        private final CudaEvent end = CudaEvent.forTiming();

        Way(int bytes) {
            this.bytes = bytes;
            pinned = new PinnedMemory(bytes);
            device = new DeviceMemory(bytes);
        }

        void start(boolean in) {
            stream.record(begin);
            for (int copy = 0; copy < COPIES; copy++) {
                if (in) {
                    stream.copyToDevice(device, 0, pinned, 0, bytes);
                } else {
                    stream.copyToHost(pinned, 0, device, 0, bytes);
                }
            }
            stream.record(end);
        }

        double bytesPerSecond() {
            stream.synchronise();
            return (double) bytes * COPIES / begin.nanosUntil(end) * 1e9;
        }

        @Override
        public void close() {
            end.close();
            begin.close();
            stream.close();
            device.close();
            pinned.close();
        }
    }
}
