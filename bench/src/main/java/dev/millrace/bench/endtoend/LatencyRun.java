package dev.millrace.bench.endtoend;

import dev.millrace.bench.subject.OperatorFigures;
import dev.millrace.bench.subject.RunSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Sends records at a fixed rate through a subject and measures how long each takes from the moment
 * it is handed to the generator's producer until a reader of committed records has it. The moment
 * travels in the record's key, which scored records keep. Generator and reader are this process.
 */
final class LatencyRun {
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int BURST = 32;
    private static final long PAUSE_NANOS = 200_000;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int DIFFERENT_RECORDS = 2000;

    private final Topics topics;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
    private final Histogram lateness = new Histogram(LONGEST_NANOS, 3);
    private volatile long measureFrom = Long.MAX_VALUE;
    private volatile long measureUntil = Long.MAX_VALUE;
    private volatile boolean stopped;
    private volatile long received;
    private long sent;

    /**
     * What a run showed.
     *
     * @param rate records a second that were asked for
     * @param measured records
     * @param missing records that had not come out a minute after the last was sent
     * @param generatorP99Ms how late the generator itself was, which is no fault of the subject
     */
    record Result(
            double rate,
            long measured,
            long missing,
            double p50Ms,
            double p99Ms,
            double greatestMs,
            double generatorP99Ms,
            Optional<OperatorFigures> operator) {}

    LatencyRun(Topics topics) {
        this.topics = topics;
    }

    Result run(SubjectHandle subject, double rate, RunSpec run, Duration warmup, Duration duration)
            throws IOException, ExecutionException, InterruptedException {
        topics.create(run.inputTopic());
        topics.createOutput(run.outputTopic());
        subject.start(run);
        Thread reader = new Thread(() -> guard(() -> read(run.outputTopic())), "bench-reader");
        reader.start();
        long start = System.nanoTime();
        measureFrom = start + warmup.toNanos();
        measureUntil = measureFrom + duration.toNanos();
        generate(subject, run.inputTopic(), rate, start);
        awaitAll();
        stopped = true;
        reader.join();
        Optional<OperatorFigures> operator = Optional.ofNullable(subject.operator());
        subject.stop();
        topics.delete(run.inputTopic());
        topics.deleteOutput(run.outputTopic());
        failIfFailed();
        return new Result(
                rate,
                latency.getTotalCount(),
                sent - received,
                ms(latency.getValueAtPercentile(50)),
                ms(latency.getValueAtPercentile(99)),
                ms(latency.getMaxValue()),
                ms(lateness.getValueAtPercentile(99)),
                operator);
    }

    private void generate(SubjectHandle subject, String topic, double rate, long start) {
        List<byte[]> values = subject.spec().workload().records(DIFFERENT_RECORDS);
        double nanosARecord = 1e9 / rate;
        try (KafkaProducer<byte[], byte[]> producer = topics.producer(1)) {
            while (System.nanoTime() < measureUntil && failure.get() == null) {
                long now = System.nanoTime();
                long due = (long) ((now - start) / nanosARecord);
                if (sent >= due) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                    continue;
                }
                if (now >= measureFrom) {
                    lateness.recordValue(
                            Math.min(
                                    LONGEST_NANOS,
                                    Math.max(0, now - start - (long) (sent * nanosARecord))));
                }
                for (int i = 0; i < BURST && sent < due; i++) {
                    byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(now).array();
                    byte[] value = values.get((int) (sent % values.size()));
                    var unused = producer.send(new ProducerRecord<>(topic, 0, key, value));
                    sent++;
                }
            }
        }
    }

    /** With transactions, the last records appear with the last checkpoint. */
    private void awaitAll() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (received < sent && System.nanoTime() < deadline && failure.get() == null) {
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private void read(String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        Map<String, Object> properties =
                Map.of(
                        "bootstrap.servers",
                        topics.bootstrapServers(),
                        "key.deserializer",
                        ByteArrayDeserializer.class,
                        "value.deserializer",
                        ByteArrayDeserializer.class,
                        "isolation.level",
                        "read_committed",
                        "max.poll.records",
                        4096,
                        "max.partition.fetch.bytes",
                        4194304);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long count = 0;
            while (!stopped) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    long sentNanos = ByteBuffer.wrap(record.key()).getLong();
                    if (sentNanos >= measureFrom && sentNanos < measureUntil) {
                        long taken = System.nanoTime() - sentNanos;
                        latency.recordValue(Math.min(LONGEST_NANOS, taken));
                    }
                    received = ++count;
                }
            }
        }
    }

    private void guard(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void failIfFailed() {
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("A latency run failed: " + first.getMessage(), first);
        }
    }

    private static double ms(long nanos) {
        return nanos / 1e6;
    }
}
