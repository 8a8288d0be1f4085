package dev.millrace.bench.micro;

import dev.millrace.gpu.engine.Slot;
import dev.millrace.operator.batch.FixedBatchPolicy;
import dev.millrace.operator.batch.FlushReason;
import dev.millrace.operator.batch.InFlightWindow;
import dev.millrace.operator.batch.MicroBatch;
import dev.millrace.operator.batch.MicroBatcher;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What micro-batching costs a record: append, close, in-flight window, read back, recycle. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MicroBatcherBenchmark {
    private static final int ROWS = 1024;

    private final Object element = new Object();
    private MicroBatcher<Object, Object> batcher;
    private InFlightWindow<Object, Object> window;
    private MicroBatch<Object, Object> free;

    @Setup
    public void prepare() {
        batcher = new MicroBatcher<>(new FixedBatchPolicy(ROWS, 2_000_000));
        window = new InFlightWindow<>(2);
        free = new MicroBatch<>(new NoSlot(ROWS));
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public int fillAndRelease() {
        batcher.use(free);
        batcher.open(ROWS, 0);
        boolean full = false;
        for (int row = 0; !full; row++) {
            full = batcher.append(element, row, true);
        }
        MicroBatch<Object, Object> closed = batcher.close(FlushReason.FULL, 1);
        window.add(closed);
        closed.submitted();
        closed.scored(2);
        MicroBatch<Object, Object> done = window.removeHead();
        int sum = 0;
        for (int row = 0; row < done.rows(); row++) {
            sum += (int) done.timestamp(row) + (done.element(row) == element ? 1 : 0);
        }
        batcher.released(done, 3);
        done.recycle();
        free = done;
        return sum;
    }

    /** A slot without buffers: the batcher does not touch them. */
    private record NoSlot(int capacity) implements Slot {
        @Override
        public int index() {
            return 0;
        }

        @Override
        public ByteBuffer input(int inputIndex) {
            throw new UnsupportedOperationException("no buffers");
        }

        @Override
        public ByteBuffer output(int outputIndex) {
            throw new UnsupportedOperationException("no buffers");
        }
    }
}
