package dev.millrace.bench.endtoend;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Sends records at a fixed rate through a running job, reads what comes out and keeps of each
 * record when it was sent and how long it took, so that any window can be looked at afterwards. The
 * moment travels in the record's key. A generator's thread and a reader's.
 */
final class SwapLatency implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final long PAUSE_NANOS = 200_000;
    private static final long LONGEST_NANOS = 120_000_000_000L;
    private static final int BURST = 32;

    private final Topics topics;
    private final long[] sentAt;
    private final long[] took;
    private final Thread generator;
    private final Thread reader;
    private volatile int received;
    private volatile int sent;
    private volatile boolean generating = true;
    private volatile boolean reading = true;
    private volatile RuntimeException failure;

    /**
     * Starts both.
     *
     * @param most records that will be sent at most
     */
    SwapLatency(
            Topics topics,
            String input,
            String output,
            List<byte[]> values,
            double rate,
            int most) {
        this.topics = topics;
        this.sentAt = new long[most];
        this.took = new long[most];
        generator = new Thread(() -> guard(() -> generate(input, values, rate)), "bench-generator");
        reader = new Thread(() -> guard(() -> read(output)), "bench-reader");
        reader.start();
        generator.start();
    }

    private void guard(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void generate(String topic, List<byte[]> values, double rate) {
        long start = System.nanoTime();
        double nanosARecord = 1e9 / rate;
        try (KafkaProducer<byte[], byte[]> producer = topics.producer(1)) {
            while (generating && sent < sentAt.length) {
                long now = System.nanoTime();
                long due = Math.min(sentAt.length, (long) ((now - start) / nanosARecord));
                if (sent >= due) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                    continue;
                }
                int count = sent;
                for (int i = 0; i < BURST && count < due; i++, count++) {
                    byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(now).array();
                    var unused =
                            producer.send(
                                    new ProducerRecord<>(
                                            topic, 0, key, values.get(count % values.size())));
                }
                sent = count;
            }
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
                        "max.poll.records",
                        4096);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (reading) {
                int count = received;
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    sentAt[count] = ByteBuffer.wrap(record.key()).getLong();
                    took[count] = System.nanoTime() - sentAt[count];
                    count++;
                }
                received = count;
            }
        }
    }

    /**
     * Stops sending and waits for what is on its way.
     *
     * @return records that did not come out
     */
    int finish() throws InterruptedException {
        generating = false;
        generator.join();
        long deadline = System.nanoTime() + LONGEST_NANOS;
        while (received < sent && failure == null && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL.toNanos());
        }
        reading = false;
        reader.join();
        if (failure != null) {
            throw failure;
        }
        return sent - received;
    }

    /** A percentile in milliseconds over what was sent in a window, once finished. */
    double percentileMs(double percentile, long fromNanos, long toNanos) {
        Histogram histogram = new Histogram(LONGEST_NANOS, 3);
        for (int i = 0; i < received; i++) {
            if (sentAt[i] >= fromNanos && sentAt[i] < toNanos) {
                histogram.recordValue(Math.min(LONGEST_NANOS, took[i]));
            }
        }
        if (histogram.getTotalCount() == 0) {
            throw new IllegalStateException("No record was sent in the window");
        }
        return histogram.getValueAtPercentile(percentile) / 1e6;
    }

    /** Lets both end; after {@link #finish} they have. */
    @Override
    public void close() {
        generating = false;
        reading = false;
    }
}
