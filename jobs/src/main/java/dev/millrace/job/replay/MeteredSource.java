package dev.millrace.job.replay;

import dev.millrace.job.kafka.ForwardingSource;
import dev.millrace.operator.inference.InferenceMetrics;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * A source that tells how much it has still to read, also after a restore: by {@link
 * InferenceMetrics#REPLAY_REMAINING}. State is that of the source behind it.
 */
final class MeteredSource<T, S extends SourceSplit, C> extends ForwardingSource<T, S, C> {
    private static final long serialVersionUID = 1L;

    /** The id under which states are asked for that are not for a checkpoint. */
    static final long NO_CHECKPOINT = -1;

    private final Remaining<S, C> remaining;

    MeteredSource(Source<T, S, C> source, Remaining<S, C> remaining) {
        super(source);
        this.remaining = remaining;
    }

    private static void register(MetricGroup group, Gauge<Long> left) {
        group.addGroup(InferenceMetrics.GROUP)
                .gauge(InferenceMetrics.REPLAY_REMAINING.name(), left);
    }

    @Override
    public SplitEnumerator<S, C> createEnumerator(SplitEnumeratorContext<S> context)
            throws Exception {
        return metered(super.createEnumerator(context), context);
    }

    @Override
    public SplitEnumerator<S, C> restoreEnumerator(SplitEnumeratorContext<S> context, C state)
            throws Exception {
        return metered(super.restoreEnumerator(context, state), context);
    }

    private SplitEnumerator<S, C> metered(
            SplitEnumerator<S, C> enumerator, SplitEnumeratorContext<S> context) {
        MeteredEnumerator<S, C> metered = new MeteredEnumerator<>(enumerator, remaining);
        register(context.metricGroup(), metered::left);
        return metered;
    }

    @Override
    public SourceReader<T, S> createReader(SourceReaderContext context) throws Exception {
        MeteredReader<T, S> metered = new MeteredReader<>(super.createReader(context), remaining);
        register(context.metricGroup(), metered::left);
        return metered;
    }

    /** Measured whenever something is given away or comes back. The coordinator's thread. */
    private static final class MeteredEnumerator<S extends SourceSplit, C>
            implements SplitEnumerator<S, C> {
        private final SplitEnumerator<S, C> enumerator;
        private final Remaining<S, C> remaining;
        private volatile long left;

        MeteredEnumerator(SplitEnumerator<S, C> enumerator, Remaining<S, C> remaining) {
            this.enumerator = enumerator;
            this.remaining = remaining;
        }

        long left() {
            return left;
        }

        private void measure() {
            try {
                left = remaining.ofEnumerator(enumerator.snapshotState(NO_CHECKPOINT));
            } catch (Exception e) {
                throw new IllegalStateException("A source does not tell its state", e);
            }
        }

        @Override
        public void start() {
            enumerator.start();
            measure();
        }

        @Override
        public void handleSplitRequest(int subtaskId, String requesterHostname) {
            enumerator.handleSplitRequest(subtaskId, requesterHostname);
            measure();
        }

        @Override
        public void addSplitsBack(List<S> splits, int subtaskId) {
            enumerator.addSplitsBack(splits, subtaskId);
            measure();
        }

        @Override
        public void addReader(int subtaskId) {
            enumerator.addReader(subtaskId);
            measure();
        }

        @Override
        public void handleSourceEvent(int subtaskId, SourceEvent event) {
            enumerator.handleSourceEvent(subtaskId, event);
        }

        @Override
        public C snapshotState(long checkpointId) throws Exception {
            return enumerator.snapshotState(checkpointId);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) throws Exception {
            enumerator.notifyCheckpointComplete(checkpointId);
        }

        @Override
        public void notifyCheckpointAborted(long checkpointId) throws Exception {
            enumerator.notifyCheckpointAborted(checkpointId);
        }

        @Override
        public void close() throws IOException {
            enumerator.close();
        }
    }
}
