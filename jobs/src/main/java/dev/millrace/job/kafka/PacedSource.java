package dev.millrace.job.kafka;

import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * A source that emits no more than so many records a second, all its readers together: each has an
 * equal part, also one that has nothing to read.
 */
public final class PacedSource<T, S extends SourceSplit, C> extends ForwardingSource<T, S, C> {
    private static final long serialVersionUID = 1L;

    private final double recordsPerSecond;

    /**
     * @param recordsPerSecond above 0
     */
    public PacedSource(Source<T, S, C> source, double recordsPerSecond) {
        super(source);
        if (!(recordsPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "A rate of %s records a second is not above 0".formatted(recordsPerSecond));
        }
        this.recordsPerSecond = recordsPerSecond;
    }

    @Override
    public SourceReader<T, S> createReader(SourceReaderContext context) throws Exception {
        double part = recordsPerSecond / context.currentParallelism();
        return new PacedReader<>(super.createReader(context), new Pace(part, System.nanoTime()));
    }
}
