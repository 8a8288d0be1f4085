package dev.millrace.job.replay;

import dev.millrace.job.kafka.ForwardingReader;
import java.util.List;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.InputStatus;

/**
 * A reader that now and then measures what is left of its splits. Task thread, but for {@link
 * #left}.
 */
@SuppressWarnings("try") // closing may throw InterruptedException because the reader behind may
final class MeteredReader<T, S extends SourceSplit> extends ForwardingReader<T, S> {
    /** A reader gives one record for each. */
    private static final int POLLS_BETWEEN = 1024;

    private final Remaining<S, ?> remaining;
    private int polls;
    private int records;
    private volatile long left;

    MeteredReader(SourceReader<T, S> reader, Remaining<S, ?> remaining) {
        super(reader);
        this.remaining = remaining;
    }

    /** Any thread. */
    long left() {
        return left;
    }

    private void measure() {
        long ofRecord = remaining.ofRecord();
        if (ofRecord == 0) {
            leftIs(sum(super.snapshotState(MeteredSource.NO_CHECKPOINT)));
        } else {
            leftIs(Math.max(0, left - records * ofRecord));
        }
    }

    private void leftIs(long now) {
        left = now;
        polls = 0;
        records = 0;
    }

    private long sum(List<S> splits) {
        return splits.stream().mapToLong(remaining::ofSplit).sum();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        InputStatus status = super.pollNext(output);
        boolean more = status == InputStatus.MORE_AVAILABLE;
        records += more ? 1 : 0;
        if (++polls >= POLLS_BETWEEN || !more) {
            measure();
        }
        return status;
    }

    @Override
    public List<S> snapshotState(long checkpointId) {
        List<S> splits = super.snapshotState(checkpointId);
        leftIs(sum(splits));
        return splits;
    }

    @Override
    public void addSplits(List<S> splits) {
        super.addSplits(splits);
        leftIs(left + sum(splits));
    }
}
