package dev.millrace.bench.micro;

import dev.millrace.bench.Workload;
import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A whole submission, from submit to completion, by micro-batch size. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EngineBatchBenchmark implements CompletionListener {
    @Param public Workload workload;

    @Param({"onnxruntime"})
    public String backend;

    @Param({"1", "64", "256", "1024", "4096"})
    public int rows;

    /** Whether onnxruntime cuts and pads micro-batches to shapes that keep scores exact. */
    @Param({"true", "false"})
    public String padding;

    private final Semaphore completed = new Semaphore(0);
    private Engine engine;

    @Setup
    public void open() throws EngineException {
        Map<String, String> properties =
                backend.equals("onnxruntime") ? Map.of("onnxruntime.padding", padding) : Map.of();
        EngineOptions options = new EngineOptions(backend, rows, 2, Precision.FP32, 0, properties);
        engine = Engines.open(workload.model(), options);
    }

    @TearDown
    public void close() {
        engine.close();
    }

    @Benchmark
    public void submission() {
        engine.submit(engine.slots().get(0), rows, this);
        completed.acquireUninterruptibly();
    }

    @Override
    public void onScored(Slot slot) {
        completed.release();
    }

    @Override
    public void onFailed(Slot slot, EngineException failure) {
        throw new IllegalStateException(failure);
    }
}
