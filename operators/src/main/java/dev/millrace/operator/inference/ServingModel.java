package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.operator.batch.MicroBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.util.IOUtils;

/**
 * One model version as the operator holds it: its engine, the micro-batches over the engine's
 * slots, and the functions that speak its features and scores. Owns all three and closes them.
 *
 * <p>A micro-batch belongs to the model it was filled for, so several of these can have
 * micro-batches in one in-flight window. Task thread only, except the metrics' {@link #statistics},
 * {@link #version} and {@link #engine}.
 */
final class ServingModel<IN, OUT> implements ServedModel {
    private final ModelVersion version;
    private final Engine engine;
    private final FeatureWriter<IN> features;
    private final ScoreReader<IN, OUT> scores;
    private final int[] inputRowBytes;

    /** By slot index. */
    private final List<MicroBatch<IN, OUT>> batches = new ArrayList<>();

    private final List<MicroBatch<IN, OUT>> free = new ArrayList<>();
    private final CompletionListener listener;
    private volatile EngineStatistics lastStatistics;
    private boolean closed;

    /** Hears of completions on the engine's thread, after the micro-batch has been marked. */
    interface Completions {
        /** The time of a completion. */
        long nanoTime();

        /** A micro-batch is no longer in flight. */
        void onCompleted();

        /** The engine has broken its contract; no micro-batch can be relied on. */
        void onMisbehaved(RuntimeException violation);
    }

    /** Takes over the engine once it returns. Functions are opened by the caller. */
    ServingModel(
            ModelVersion version,
            Engine engine,
            FeatureWriter<IN> features,
            ScoreReader<IN, OUT> scores,
            Completions completions) {
        this.version = version;
        this.engine = engine;
        this.features = features;
        this.scores = scores;
        this.inputRowBytes =
                engine.signature().inputs().stream().mapToInt(TensorSpec::rowBytes).toArray();
        for (Slot slot : engine.slots()) {
            MicroBatch<IN, OUT> batch = new MicroBatch<>(slot);
            batches.add(batch);
            free.add(batch);
        }
        this.listener = new MarkingListener(completions);
    }

    private final class MarkingListener implements CompletionListener {
        private final Completions completions;

        MarkingListener(Completions completions) {
            this.completions = completions;
        }

        @Override
        public void onScored(Slot slot) {
            try {
                batches.get(slot.index()).scored(completions.nanoTime());
                completions.onCompleted();
            } catch (RuntimeException e) {
                completions.onMisbehaved(e);
            }
        }

        @Override
        public void onFailed(Slot slot, EngineException failure) {
            try {
                batches.get(slot.index()).failed(failure, completions.nanoTime());
                completions.onCompleted();
            } catch (RuntimeException e) {
                completions.onMisbehaved(e);
            }
        }
    }

    @Override
    public ModelVersion version() {
        return engine instanceof VersionChoice choice ? choice.scoringVersion() : version;
    }

    @Override
    public ModelSignature signature() {
        return engine.signature();
    }

    @Override
    public EngineDescription engine() {
        return engine.description();
    }

    Optional<String> deviceId() {
        return engine.deviceId();
    }

    FeatureWriter<IN> features() {
        return features;
    }

    ScoreReader<IN, OUT> scores() {
        return scores;
    }

    int[] inputRowBytes() {
        return inputRowBytes;
    }

    int slots() {
        return batches.size();
    }

    int batchLimit() {
        return engine.batchLimit();
    }

    boolean hasFree() {
        return !free.isEmpty();
    }

    /** Takes a free micro-batch; the one used last, whose memory is warm. */
    MicroBatch<IN, OUT> takeFree() {
        return free.remove(free.size() - 1);
    }

    void submit(MicroBatch<IN, OUT> batch) {
        batch.submitted();
        engine.submit(batch.slot(), batch.rowsToSubmit(), listener);
    }

    void giveBack(MicroBatch<IN, OUT> batch) {
        batch.recycle();
        free.add(batch);
    }

    /** The engine's figures; the last ones once it is closed. */
    EngineStatistics statistics() {
        EngineStatistics last = lastStatistics;
        return last == null ? engine.statistics() : last;
    }

    /** Idempotent. */
    void close() throws Exception {
        if (closed) {
            return;
        }
        closed = true;
        lastStatistics = engine.statistics();
        // The engine first: it waits for running work. What fails does not keep the rest open.
        IOUtils.closeAll(engine, scores::close, features::close);
    }
}
