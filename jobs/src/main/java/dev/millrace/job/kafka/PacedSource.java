package dev.millrace.job.kafka;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A source that emits no more than so many records a second, all its readers together: each has an
 * equal part, also one that has nothing to read. State is that of the source behind it.
 */
public final class PacedSource<T, S extends SourceSplit, C> implements Source<T, S, C> {
    private static final long serialVersionUID = 1L;

    private final Source<T, S, C> source;
    private final double recordsPerSecond;

    /**
     * @param recordsPerSecond above 0
     */
    public PacedSource(Source<T, S, C> source, double recordsPerSecond) {
        if (!(recordsPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "A rate of %s records a second is not above 0".formatted(recordsPerSecond));
        }
        this.source = source;
        this.recordsPerSecond = recordsPerSecond;
    }

    @Override
    public Boundedness getBoundedness() {
        return source.getBoundedness();
    }

    @Override
    public SplitEnumerator<S, C> createEnumerator(SplitEnumeratorContext<S> context)
            throws Exception {
        return source.createEnumerator(context);
    }

    @Override
    public SplitEnumerator<S, C> restoreEnumerator(SplitEnumeratorContext<S> context, C state)
            throws Exception {
        return source.restoreEnumerator(context, state);
    }

    @Override
    public SimpleVersionedSerializer<S> getSplitSerializer() {
        return source.getSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<C> getEnumeratorCheckpointSerializer() {
        return source.getEnumeratorCheckpointSerializer();
    }

    @Override
    public SourceReader<T, S> createReader(SourceReaderContext context) throws Exception {
        double part = recordsPerSecond / context.currentParallelism();
        return new PacedReader<>(source.createReader(context), new Pace(part, System.nanoTime()));
    }
}
