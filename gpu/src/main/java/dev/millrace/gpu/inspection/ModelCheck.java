package dev.millrace.gpu.inspection;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.inspection.Finding.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Proves on this machine that engines keep their promises about a model: the same bits in
 * micro-batches of any size, in any order, beside any neighbours, and on every portable engine.
 */
public final class ModelCheck {
    private static final int[] SIZES = {
        1, 2, 3, 15, 16, 17, 31, 32, 33, 127, 128, 129, 255, 256, 257
    };

    private final List<EngineBackend> backends;
    private final ModelArtifact artifact;
    private final EngineOptions options;
    private final Random random;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Scored> scored = new ArrayList<>();
    private byte[][] records = {};

    /** How an engine scored every record by itself. */
    private record Scored(
            String backend, Exactness exactness, ModelSignature signature, List<byte[]> scores) {}

    private ModelCheck(
            List<EngineBackend> backends,
            ModelArtifact artifact,
            EngineOptions options,
            long seed) {
        this.backends = backends;
        this.artifact = artifact;
        this.options = options;
        this.random = new Random(seed);
    }

    /**
     * Checks every engine that covers the model.
     *
     * @param options the largest micro-batch among them
     * @throws EngineException of kind MODEL if no engine covers the model
     */
    public static List<Finding> check(ModelArtifact artifact, EngineOptions options, long seed)
            throws EngineException, InterruptedException {
        return check(Engines.backends(), artifact, options, seed);
    }

    static List<Finding> check(
            List<EngineBackend> backends, ModelArtifact artifact, EngineOptions options, long seed)
            throws EngineException, InterruptedException {
        return new ModelCheck(backends, artifact, options, seed).check();
    }

    private List<Finding> check() throws EngineException, InterruptedException {
        List<String> refusals = new ArrayList<>();
        for (EngineBackend backend : backends) {
            EngineOptions own = options.withBackend(backend.name());
            EngineBackend.Coverage coverage = backend.examine(artifact, own);
            if (!coverage.covered()) {
                refusals.add(backend.name() + ": " + coverage.reason());
                add(backend.name(), "covers the model", Verdict.SEEN, "no: " + coverage.reason());
                continue;
            }
            try (Engine engine = backend.open(artifact, own, coverage.reason())) {
                check(engine);
            } catch (EngineException e) {
                add(backend.name(), "scores the records", Verdict.BROKEN, e.getMessage());
            }
        }
        if (refusals.size() == backends.size()) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "No engine scores %s: %s".formatted(artifact, String.join("; ", refusals)));
        }
        compareEngines();
        return List.copyOf(findings);
    }

    private void add(String engine, String check, Verdict verdict, String detail) {
        findings.add(new Finding(engine, check, verdict, detail));
    }

    private void check(Engine engine) throws EngineException, InterruptedException {
        int most = engine.slots().get(0).capacity();
        if (records.length == 0) {
            records = new byte[most][];
            for (int row = 0; row < most; row++) {
                boolean odd = row % 4 == 3;
                records[row] =
                        odd
                                ? RecordRows.odd(engine.signature(), random)
                                : RecordRows.ordinary(engine.signature(), random);
            }
        }
        byte[][] alone = new byte[records.length][];
        for (int row = 0; row < records.length; row++) {
            alone[row] = MicroBatch.score(engine, records[row])[0];
        }
        checkSizes(engine, alone);
        checkOrder(engine, alone);
        checkNeighbours(engine, alone);
        scored.add(
                new Scored(
                        engine.description().backend(),
                        engine.description().exactness(),
                        engine.signature(),
                        List.of(alone)));
    }

    private void checkSizes(Engine engine, byte[][] alone)
            throws EngineException, InterruptedException {
        List<String> wrong = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        Arrays.stream(SIZES).filter(size -> size < records.length).forEach(sizes::add);
        sizes.add(records.length);
        for (int size : sizes) {
            byte[][] scores = MicroBatch.score(engine, Arrays.copyOf(records, size));
            difference(engine.signature(), Arrays.copyOf(alone, size), scores)
                    .ifPresent(where -> wrong.add("of %d: %s".formatted(size, where)));
        }
        conclude(
                engine,
                "micro-batches of %d sizes, 1 to %d".formatted(sizes.size(), records.length),
                wrong);
    }

    private void checkOrder(Engine engine, byte[][] alone)
            throws EngineException, InterruptedException {
        List<Integer> order = new ArrayList<>();
        for (int row = 0; row < records.length; row++) {
            order.add(row);
        }
        Collections.shuffle(order, random);
        byte[][] shuffled = new byte[records.length][];
        byte[][] expected = new byte[records.length][];
        for (int row = 0; row < records.length; row++) {
            shuffled[row] = records[order.get(row)];
            expected[row] = alone[order.get(row)];
        }
        byte[][] scores = MicroBatch.score(engine, shuffled);
        List<String> wrong = new ArrayList<>();
        difference(engine.signature(), expected, scores).ifPresent(wrong::add);
        conclude(engine, "another order of records", wrong);
    }

    /** Every second record is exchanged for one with NaN and infinities. */
    private void checkNeighbours(Engine engine, byte[][] alone)
            throws EngineException, InterruptedException {
        byte[][] mixed = records.clone();
        for (int row = 1; row < mixed.length; row += 2) {
            mixed[row] = RecordRows.odd(engine.signature(), random);
        }
        byte[][] scores = MicroBatch.score(engine, mixed);
        byte[][] expected = alone.clone();
        for (int row = 1; row < mixed.length; row += 2) {
            expected[row] = scores[row];
        }
        List<String> wrong = new ArrayList<>();
        difference(engine.signature(), expected, scores).ifPresent(wrong::add);
        conclude(engine, "other neighbours, NaN and infinities among them", wrong);
    }

    private void conclude(Engine engine, String check, List<String> wrong) {
        String backend = engine.description().backend();
        if (wrong.isEmpty()) {
            boolean promised = engine.description().exactness() != Exactness.NONE;
            add(backend, check, promised ? Verdict.KEPT : Verdict.SEEN, "bits equal");
            return;
        }
        boolean promised = engine.description().exactness() != Exactness.NONE;
        String more = wrong.size() > 1 ? " and %d more".formatted(wrong.size() - 1) : "";
        add(backend, check, promised ? Verdict.BROKEN : Verdict.SEEN, wrong.get(0) + more);
    }

    private static Optional<String> difference(
            ModelSignature signature, byte[][] expected, byte[][] actual) {
        return Differences.between(signature, expected, actual).text();
    }

    private void compareEngines() {
        for (int i = 0; i < scored.size(); i++) {
            for (int j = i + 1; j < scored.size(); j++) {
                compare(scored.get(i), scored.get(j));
            }
        }
    }

    private void compare(Scored first, Scored second) {
        String both = first.backend() + ", " + second.backend();
        if (!first.signature().outputs().equals(second.signature().outputs())) {
            add(both, "same outputs", Verdict.BROKEN, "they give tensors of other shapes or types");
            return;
        }
        Differences differences =
                Differences.between(
                        first.signature(),
                        first.scores().toArray(new byte[0][]),
                        second.scores().toArray(new byte[0][]));
        boolean promised =
                first.exactness() == Exactness.PORTABLE && second.exactness() == Exactness.PORTABLE;
        Verdict verdict = promised ? Verdict.KEPT : Verdict.SEEN;
        if (promised && differences.text().isPresent()) {
            verdict = Verdict.BROKEN;
        }
        add(both, "each other's scores", verdict, differences.summary());
    }
}
