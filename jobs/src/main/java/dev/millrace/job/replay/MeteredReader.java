package dev.millrace.job.replay;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.InputStatus;

/**
 * A reader that now and then measures what is left of its splits. Task thread, but for {@link
 * #left}.
 */
@SuppressWarnings("try") // closing may throw InterruptedException because the reader behind may
final class MeteredReader<T, S extends SourceSplit> implements SourceReader<T, S> {
    /** A reader gives one record for each. */
    private static final int POLLS_BETWEEN = 1024;

    private final SourceReader<T, S> reader;
    private final Remaining<S, ?> remaining;
    private int polls;
    private int records;
    private volatile long left;

    MeteredReader(SourceReader<T, S> reader, Remaining<S, ?> remaining) {
        this.reader = reader;
        this.remaining = remaining;
    }

    /** Any thread. */
    long left() {
        return left;
    }

    private void measure() {
        long ofRecord = remaining.ofRecord();
        if (ofRecord == 0) {
            leftIs(sum(reader.snapshotState(MeteredSource.NO_CHECKPOINT)));
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
    public void start() {
        reader.start();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        InputStatus status = reader.pollNext(output);
        boolean more = status == InputStatus.MORE_AVAILABLE;
        records += more ? 1 : 0;
        if (++polls >= POLLS_BETWEEN || !more) {
            measure();
        }
        return status;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return reader.isAvailable();
    }

    @Override
    public List<S> snapshotState(long checkpointId) {
        List<S> splits = reader.snapshotState(checkpointId);
        leftIs(sum(splits));
        return splits;
    }

    @Override
    public void addSplits(List<S> splits) {
        reader.addSplits(splits);
        leftIs(left + sum(splits));
    }

    @Override
    public void notifyNoMoreSplits() {
        reader.notifyNoMoreSplits();
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        reader.handleSourceEvents(event);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        reader.notifyCheckpointComplete(checkpointId);
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
        reader.notifyCheckpointAborted(checkpointId);
    }

    @Override
    public void pauseOrResumeSplits(
            Collection<String> splitsToPause, Collection<String> splitsToResume) {
        reader.pauseOrResumeSplits(splitsToPause, splitsToResume);
    }

    @Override
    public void close() throws Exception {
        reader.close();
    }
}
