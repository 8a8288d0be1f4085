package dev.millrace.job.kafka;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.InputStatus;

/** A reader that has nothing available while its pace does not allow a record. Task thread. */
@SuppressWarnings("try") // closing may throw InterruptedException because the reader behind may
final class PacedReader<T, S extends SourceSplit> implements SourceReader<T, S> {
    private final SourceReader<T, S> reader;
    private final Pace pace;

    PacedReader(SourceReader<T, S> reader, Pace pace) {
        this.reader = reader;
        this.pace = pace;
    }

    @Override
    public void start() {
        reader.start();
    }

    /** A reader emits one record a call, and says that more may be there whenever it did. */
    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        if (!pace.mayTake(System.nanoTime())) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        InputStatus status = reader.pollNext(output);
        if (status == InputStatus.MORE_AVAILABLE) {
            pace.take();
        }
        return status;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        long now = System.nanoTime();
        if (pace.mayTake(now)) {
            return reader.isAvailable();
        }
        Executor later =
                CompletableFuture.delayedExecutor(pace.nanosToWait(now), TimeUnit.NANOSECONDS);
        return CompletableFuture.runAsync(() -> {}, later);
    }

    @Override
    public List<S> snapshotState(long checkpointId) {
        return reader.snapshotState(checkpointId);
    }

    @Override
    public void addSplits(List<S> splits) {
        reader.addSplits(splits);
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
