package dev.millrace.bench.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.gpu.cpu.CpuScorer;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.interpreter.RowBuffers;
import dev.millrace.gpu.lowering.PlanImporter;
import dev.millrace.gpu.model.Plan;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One micro-batch of a model from input buffer to output buffer, on one thread: by the cpu backend
 * with the Vector API, in plain loops in a JVM without it, and by ONNX Runtime.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 1, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 7, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class ScoringBenchmark {
    private static final long SEED = 2;

    /**
     * Warming up is counted in processor time: on a busy machine a warm-up of so many seconds may
     * be over before anything is compiled.
     */
    private static final long WARM_UP_NANOS = 1_000_000_000;

    private static final String VECTORS = "--add-modules=jdk.incubator.vector";

    /** The model, the buffers, and what scores. */
    @State(Scope.Thread)
    public static class Micro {
        @Param public EngineModel model;

        @Param({"64", "1024", "4096"})
        public int rows;

        private ModelArtifact artifact;
        private Plan plan;
        private ByteBuffer features;
        private ByteBuffer scores;

        @Setup
        public void allocate() throws EngineException {
            artifact = model.artifact();
            plan = PlanImporter.importModel(artifact, EngineOptions.of("cpu", rows, 2));
            ModelSignature signature = plan.signature();
            features = buffer(signature.inputRowBytes());
            scores = buffer(signature.outputRowBytes());
            Random random = new Random(SEED);
            for (int at = 0; at < features.capacity(); at += Float.BYTES) {
                features.putFloat(at, (float) random.nextGaussian());
            }
        }

        private ByteBuffer buffer(long rowBytes) {
            return ByteBuffer.allocateDirect(Math.toIntExact(rows * rowBytes))
                    .order(ByteOrder.nativeOrder());
        }
    }

    /**
     * Processor time of the benchmark's thread: unlike the time on the wall, it leaves out what
     * neighbours on a busy machine took.
     */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Processor {
        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private long start;
        private long scored;

        @Setup(Level.Iteration)
        public void begin() {
            scored = 0;
            start = threads.getCurrentThreadCpuTime();
        }

        /** Nanoseconds per row. */
        public double nanosPerRow() {
            return (threads.getCurrentThreadCpuTime() - start) / (double) scored;
        }
    }

    /** The cpu backend, with the kernels that this JVM has. */
    @State(Scope.Thread)
    public static class Portable {
        private CpuScorer scorer;
        private RowBuffers buffers;

        @Setup
        public void open(Micro micro) {
            scorer = CpuScorer.open("bench", CpuScorer.prepare(micro.plan), micro.rows, 1);
            buffers =
                    new RowBuffers(
                            new ByteBuffer[] {micro.features}, new ByteBuffer[] {micro.scores});
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long end = threads.getCurrentThreadCpuTime() + WARM_UP_NANOS;
            while (threads.getCurrentThreadCpuTime() < end) {
                scorer.score(buffers, micro.rows);
            }
        }

        @TearDown
        public void close() {
            scorer.close();
        }
    }

    /** ONNX Runtime's CPU provider, inputs and outputs bound in advance. */
    @State(Scope.Thread)
    public static class OnnxRuntime {
        private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
        private OrtSession session;
        private Map<String, OnnxTensor> feed;
        private Map<String, OnnxTensor> results;

        @Setup
        public void open(Micro micro) throws OrtException {
            OrtSession.SessionOptions options = new OrtSession.SessionOptions();
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            session = environment.createSession(micro.artifact.content(), options);
            ModelSignature signature = micro.plan.signature();
            String input = signature.inputs().get(0).name();
            String output = signature.outputs().get(0).name();
            int width = signature.outputs().get(0).rowElements();
            feed = Map.of(input, tensor(micro.features, micro.rows, width(signature)));
            results = Map.of(output, tensor(micro.scores, micro.rows, width));
        }

        private static int width(ModelSignature signature) {
            return signature.inputs().get(0).rowElements();
        }

        private OnnxTensor tensor(ByteBuffer buffer, int rows, int width) throws OrtException {
            return OnnxTensor.createTensor(
                    environment, buffer.asFloatBuffer(), new long[] {rows, width});
        }

        @TearDown
        public void close() throws OrtException {
            List.of(feed, results).forEach(tensors -> tensors.values().forEach(OnnxTensor::close));
            session.close();
        }
    }

    @Benchmark
    @Fork(value = 1, jvmArgsAppend = VECTORS)
    public int cpuVector(Micro micro, Portable portable, Processor processor) {
        processor.scored += micro.rows;
        return portable.scorer.score(portable.buffers, micro.rows);
    }

    @Benchmark
    @Fork(1)
    public int cpuPlain(Micro micro, Portable portable, Processor processor) {
        processor.scored += micro.rows;
        return portable.scorer.score(portable.buffers, micro.rows);
    }

    @Benchmark
    @Fork(1)
    public void onnxruntime(Micro micro, OnnxRuntime onnxRuntime, Processor processor)
            throws OrtException {
        processor.scored += micro.rows;
        onnxRuntime.session.run(onnxRuntime.feed, onnxRuntime.results).close();
    }
}
