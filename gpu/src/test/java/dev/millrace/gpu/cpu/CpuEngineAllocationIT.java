package dev.millrace.gpu.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.TestPlans;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Counts bytes. Not among the unit tests: where hundreds of others ran before in the same process,
 * what the compiler has learnt from them keeps it from removing objects that nobody keeps.
 */
class CpuEngineAllocationIT {
    private static final int SLOTS = 3;

    /** Once compiled: until then, the Vector API's vectors are objects. */
    @Test
    void allocatesNothingPerMicroBatch() throws EngineException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Semaphore completed = new Semaphore(0);
        CompletionListener listener =
                new CompletionListener() {
                    @Override
                    public void onScored(Slot slot) {
                        completed.release();
                    }

                    @Override
                    public void onFailed(Slot slot, EngineException failure) {}
                };
        EngineOptions options =
                new EngineOptions("cpu", 200, SLOTS, Precision.FP32, 0, Map.of("cpu.threads", "2"));
        Plan plan = TestPlans.mlp(new Random(3), 12, 24, 5);
        try (Engine engine = CpuEngine.open("frugal", plan, options, "asked for")) {
            List<Thread> scoring = engineThreads("frugal");
            assertThat(scoring).hasSize(2);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            long allocated = Long.MAX_VALUE;
            while (allocated > 0 && System.nanoTime() < deadline) {
                long before = allocated(threads, scoring);
                for (int i = 0; i < 500; i++) {
                    engine.submit(engine.slots().get(i % SLOTS), 1 + i % 200, listener);
                    completed.acquireUninterruptibly();
                }
                allocated = allocated(threads, scoring) - before;
            }
            assertThat(allocated).isZero();
        }
    }

    private static long allocated(ThreadMXBean threads, List<Thread> of) {
        return of.stream()
                .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.getId()))
                .sum();
    }

    private static List<Thread> engineThreads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("millrace-cpu-" + name))
                .toList();
    }
}
