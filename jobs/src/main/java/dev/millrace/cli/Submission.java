package dev.millrace.cli;

import dev.millrace.cli.records.RecordFile;
import dev.millrace.cli.records.RefusedRecordException;
import dev.millrace.cli.records.UnreadableFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Sends records and keeps count of how many from the beginning are done: sent and acknowledged, or
 * refused, without a gap. One thread.
 */
final class Submission {
    private static final int MOST_UNACKNOWLEDGED = 10_000;

    private final KafkaProducer<byte[], byte[]> producer;
    private final RecordEncoder encoder;
    private final SubmitProgress progress;
    private final PrintWriter err;
    private final long showRefused;
    private final long skip;

    /** In order; an entry without a future is a refused record. */
    private final Deque<Optional<Future<RecordMetadata>>> unacknowledged = new ArrayDeque<>();

    /** The first failure to send; set by the producer's thread. */
    private volatile Exception failure;

    private long read;
    private long done;
    private long sent;
    private long refused;
    private boolean stopped;

    Submission(
            KafkaProducer<byte[], byte[]> producer,
            RecordEncoder encoder,
            SubmitProgress progress,
            PrintWriter err,
            long showRefused,
            long skip) {
        this.producer = producer;
        this.encoder = encoder;
        this.progress = progress;
        this.err = err;
        this.showRefused = showRefused;
        this.skip = skip;
        this.done = 0;
    }

    /** Sends what a file holds, until it ends or a signal comes. */
    void send(Path file, RecordFile records, StopSignal stop)
            throws IOException, UnreadableFileException, CommandFailedException {
        while (!stopped) {
            stopped = stop.received().isDone();
            if (stopped || !next(file, records)) {
                break;
            }
            if (failure != null) {
                settle(0);
            }
            progress.at(file, records.bytesRead(), sent, refused);
            if (unacknowledged.size() >= MOST_UNACKNOWLEDGED) {
                settle(MOST_UNACKNOWLEDGED / 2);
            }
        }
    }

    private boolean next(Path file, RecordFile records)
            throws IOException, UnreadableFileException, CommandFailedException {
        boolean skipped = read < skip;
        try {
            Optional<GenericRecord> record = records.next();
            if (record.isEmpty()) {
                return false;
            }
            read++;
            if (skipped) {
                done++;
                return true;
            }
            send(encoder.encode(record.get()));
            sent++;
        } catch (RefusedRecordException e) {
            read++;
            if (skipped) {
                done++;
                return true;
            }
            refuse(file, records.line(), e.getMessage());
        }
        return true;
    }

    /** Sends, or refuses a record that this client may not send at all. */
    private void send(ProducerRecord<byte[], byte[]> record) throws RefusedRecordException {
        AtomicReference<Exception> tooLarge = new AtomicReference<>();
        Future<RecordMetadata> acknowledgement =
                producer.send(
                        record,
                        (metadata, exception) -> {
                            if (exception instanceof RecordTooLargeException) {
                                tooLarge.set(exception);
                            } else if (exception != null && failure == null) {
                                failure = exception;
                            }
                        });
        if (acknowledgement.isDone() && tooLarge.get() != null) {
            throw new RefusedRecordException(tooLarge.get().getMessage());
        }
        unacknowledged.add(Optional.of(acknowledgement));
    }

    private void refuse(Path file, long line, String reason) {
        refused++;
        unacknowledged.add(Optional.empty());
        if (refused <= showRefused) {
            progress.pause();
            err.println("refused %s:%d: %s".formatted(file, line, reason));
        } else if (refused == showRefused + 1) {
            progress.pause();
            err.println("further refused records are only counted");
        }
        err.flush();
    }

    /** Waits until no more than so many records are unacknowledged. */
    private void settle(int most) throws CommandFailedException {
        while (unacknowledged.size() > most) {
            Optional<Future<RecordMetadata>> oldest = unacknowledged.peek();
            try {
                if (oldest.isPresent()) {
                    oldest.get().get();
                }
            } catch (ExecutionException e) {
                throw new CommandFailedException(
                        "%s; %d records are done, to go on: --skip %d"
                                .formatted(e.getCause().getMessage(), done, done),
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailedException("interrupted; to go on: --skip " + done, e);
            }
            unacknowledged.remove();
            done++;
        }
    }

    /** Waits until everything is acknowledged. */
    void finish() throws CommandFailedException {
        progress.pause();
        producer.flush();
        settle(0);
    }

    /** Records from the beginning that need not be sent again; those to skip never need it. */
    long done() {
        return Math.max(done, skip);
    }

    /** Records of all files so far, with the refused and the skipped ones. */
    long read() {
        return read;
    }

    long refused() {
        return refused;
    }

    boolean stopped() {
        return stopped;
    }

    String summary() {
        return "%d sent, %d refused%s"
                .formatted(
                        sent,
                        refused,
                        skip > 0 ? ", %d skipped".formatted(Math.min(read, skip)) : "");
    }
}
