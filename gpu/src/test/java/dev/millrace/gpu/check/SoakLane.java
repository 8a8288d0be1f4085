package dev.millrace.gpu.check;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.testing.Rows;
import dev.millrace.gpu.testing.Submission;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;

/** One model's part of the soak, on one thread. */
final class SoakLane implements Callable<Void> {
    private static final int SLOTS = 4;

    /** Of the engine: the longest life of one is far shorter than the soak. */
    private static final long LIFE_NANOS = 10_000_000_000L;

    private final String name;
    private final ModelArtifact model;
    private final String backend;
    private final int mostRows;
    private final long end;
    private final Random random;
    private final long seed = System.nanoTime();
    private long microBatches;
    private long rowsScored;
    private int engines;

    private ByteBuffer[] pool;
    private ByteBuffer[] expected;
    private int poolRows;

    SoakLane(String name, ModelArtifact model, String backend, int mostRows, long end) {
        this.name = name;
        this.model = model;
        this.backend = backend;
        this.mostRows = mostRows;
        this.end = end;
        this.random = new Random(seed);
    }

    /** A micro-batch on its way: which rows of the pool. */
    private record Flight(Slot slot, int first, int rows, Submission submission) {}

    @Override
    public Void call() throws EngineException {
        fillPool();
        do {
            EngineOptions options = EngineOptions.of(backend, mostRows, SLOTS);
            try (Engine engine = Engines.open(model, options)) {
                live(engine);
            }
            engines++;
        } while (System.nanoTime() < end);
        return null;
    }

    /** Rows to score, and what the cpu engine says they score. */
    private void fillPool() throws EngineException {
        poolRows = 2 * mostRows;
        try (Engine cpu = Engines.open(model, EngineOptions.of("cpu", poolRows, 1))) {
            ModelSignature signature = cpu.signature();
            Slot slot = cpu.slots().get(0);
            for (int row = 0; row < poolRows; row++) {
                Rows.write(signature, slot, row, Rows.random(signature, random));
            }
            Submission.of(cpu, slot, poolRows).awaitScored();
            pool = new ByteBuffer[signature.inputs().size()];
            for (int input = 0; input < pool.length; input++) {
                pool[input] = copy(slot.input(input));
            }
            expected = new ByteBuffer[signature.outputs().size()];
            for (int output = 0; output < expected.length; output++) {
                expected[output] = copy(slot.output(output));
            }
        }
    }

    private static ByteBuffer copy(ByteBuffer original) {
        ByteBuffer copy =
                ByteBuffer.allocateDirect(original.capacity()).order(ByteOrder.nativeOrder());
        return copy.put(0, original, 0, original.capacity());
    }

    private void live(Engine engine) {
        long deathNanos = Math.min(end, System.nanoTime() + LIFE_NANOS);
        Deque<Flight> flights = new ArrayDeque<>();
        Deque<Slot> free = new ArrayDeque<>(engine.slots());
        do {
            while (!free.isEmpty()) {
                flights.add(submit(engine, free.remove()));
            }
            free.add(land(engine, flights.remove()));
        } while (System.nanoTime() < deathNanos);
        flights.forEach(flight -> land(engine, flight));
        EngineStatistics statistics = engine.statistics();
        if (statistics.fallbackActive() || statistics.outOfMemoryBackoffs() > 0) {
            throw new IllegalStateException("%s: %s".formatted(name, statistics));
        }
    }

    private Flight submit(Engine engine, Slot slot) {
        // As many small micro-batches as large ones.
        int rows =
                1
                        + random.nextInt(
                                1
                                        << random.nextInt(
                                                Integer.SIZE
                                                        - Integer.numberOfLeadingZeros(mostRows)));
        rows = Math.min(rows, mostRows);
        int first = random.nextInt(poolRows - rows + 1);
        List<TensorSpec> inputs = engine.signature().inputs();
        for (int input = 0; input < pool.length; input++) {
            int rowBytes = inputs.get(input).rowBytes();
            slot.input(input).put(0, pool[input], first * rowBytes, rows * rowBytes);
        }
        return new Flight(slot, first, rows, Submission.of(engine, slot, rows));
    }

    private Slot land(Engine engine, Flight flight) {
        flight.submission().awaitScored();
        List<TensorSpec> outputs = engine.signature().outputs();
        for (int output = 0; output < expected.length; output++) {
            int rowBytes = outputs.get(output).rowBytes();
            int bytes = flight.rows() * rowBytes;
            int difference =
                    flight.slot()
                            .output(output)
                            .slice(0, bytes)
                            .mismatch(expected[output].slice(flight.first() * rowBytes, bytes));
            if (difference >= 0) {
                throw new IllegalStateException(
                        "%s: row %d of a micro-batch of %d differs from the cpu engine's in output %s; seed %d"
                                .formatted(
                                        name,
                                        difference / rowBytes,
                                        flight.rows(),
                                        outputs.get(output).name(),
                                        seed));
            }
        }
        microBatches++;
        rowsScored += flight.rows();
        return flight.slot();
    }

    Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("model", name);
        report.put("microBatches", microBatches);
        report.put("rows", rowsScored);
        report.put("engines", engines);
        return report;
    }
}
