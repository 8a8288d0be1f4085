package dev.millrace.gpu.check;

import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.testing.TestModels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Traffic for a while: several models on one device at once, micro-batches of random sizes, every
 * output compared with the cpu engine's, engines closed and opened again now and then.
 */
final class Soak {
    /** What may be missing of the device's free memory: others may use it, too. */
    private static final long SLACK_BYTES = 64 << 20;

    private Soak() {}

    /**
     * Runs it.
     *
     * @return what happened
     * @throws IllegalStateException if a score was wrong or memory was not given back
     */
    static Map<String, Object> run(String backend, Duration duration, int mostRows)
            throws EngineException,
                    CudaUnavailableException,
                    InterruptedException,
                    ExecutionException {
        Map<String, ModelArtifact> models = new LinkedHashMap<>();
        models.put("perceptron", TestModels.mlp(30, 64, 32, 1));
        models.put("wider perceptron", TestModels.mlp(100, 256, 128, 64, 1));
        models.put("trees", TestModels.treeClassifier(30, 100, 6));
        models.put("embedding", TestModels.embedding(1000, 16, 8));
        long heldBefore = HostMemory.heldBytes();
        long freeBefore = freeBytes();
        long end = System.nanoTime() + duration.toNanos();
        List<SoakLane> lanes = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(models.size());
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Map.Entry<String, ModelArtifact> model : models.entrySet()) {
                SoakLane lane =
                        new SoakLane(model.getKey(), model.getValue(), backend, mostRows, end);
                lanes.add(lane);
                running.add(threads.submit(lane));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        long lost = freeBefore - freeBytes();
        if (lost > SLACK_BYTES || HostMemory.heldBytes() != heldBefore) {
            throw new IllegalStateException(
                    "%d bytes of device memory and %d of host memory were not given back"
                            .formatted(lost, HostMemory.heldBytes() - heldBefore));
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("seconds", (double) duration.toSeconds());
        report.put("deviceBytesNotGivenBack", lost);
        report.put("lanes", lanes.stream().map(SoakLane::report).toList());
        return report;
    }

    private static long freeBytes() throws CudaUnavailableException {
        try (CudaContext context = CudaContext.open(0)) {
            context.makeCurrent();
            return context.freeBytes();
        }
    }
}
