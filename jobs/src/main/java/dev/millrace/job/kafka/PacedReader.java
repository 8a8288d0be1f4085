package dev.millrace.job.kafka;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.InputStatus;

/** A reader that has nothing available while its pace does not allow a record. Task thread. */
@SuppressWarnings("try") // closing may throw InterruptedException because the reader behind may
final class PacedReader<T, S extends SourceSplit> extends ForwardingReader<T, S> {
    private final Pace pace;

    PacedReader(SourceReader<T, S> reader, Pace pace) {
        super(reader);
        this.pace = pace;
    }

    /** A reader emits one record a call, and says that more may be there whenever it did. */
    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        if (!pace.mayTake(System.nanoTime())) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        InputStatus status = super.pollNext(output);
        if (status == InputStatus.MORE_AVAILABLE) {
            pace.take();
        }
        return status;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        long now = System.nanoTime();
        if (pace.mayTake(now)) {
            return super.isAvailable();
        }
        Executor later =
                CompletableFuture.delayedExecutor(pace.nanosToWait(now), TimeUnit.NANOSECONDS);
        return CompletableFuture.runAsync(() -> {}, later);
    }
}
