package dev.millrace.endtoend;

import dev.millrace.local.KafkaBroker;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Submits {@link Numbers} on a thread of its own. */
final class Feeder implements AutoCloseable {
    private static final long LONGEST_LEAD = 4000;

    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean stopped;

    /**
     * Submits numbers from 0 at a rate, but never far ahead of what is out, so that there is a
     * middle to fail in on a slow machine too.
     */
    Feeder(KafkaBroker broker, int partitions, long count, long perSecond, LongSupplier out) {
        producer = producer(broker);
        thread = new Thread(() -> run(partitions, count, perSecond, out), "feeder");
        thread.start();
    }

    private void run(int partitions, long count, long perSecond, LongSupplier out) {
        long begin = System.nanoTime();
        for (long id = 0; id < count && !stopped; id++) {
            while (!stopped
                    && (id > (System.nanoTime() - begin) * 1e-9 * perSecond
                            || id > out.getAsLong() + LONGEST_LEAD)) {
                LockSupport.parkNanos(1_000_000);
            }
            send(producer, Numbers.record(id, partitions), failure);
        }
    }

    /** Whether all numbers are on their way. */
    boolean isDone() {
        return !thread.isAlive();
    }

    /** Waits until the broker has all numbers. */
    void finish() throws InterruptedException {
        thread.join();
        producer.flush();
        check();
    }

    /** Fails if submitting has failed. */
    void check() {
        if (failure.get() != null) {
            throw new IllegalStateException("Cannot submit numbers", failure.get());
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of failures
    private static void send(
            KafkaProducer<byte[], byte[]> producer,
            ProducerRecord<byte[], byte[]> record,
            AtomicReference<Exception> failure) {
        producer.send(
                record,
                (metadata, exception) -> {
                    if (exception != null) {
                        failure.compareAndSet(null, exception);
                    }
                });
    }

    private static KafkaProducer<byte[], byte[]> producer(KafkaBroker broker) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "linger.ms",
                        1,
                        "delivery.timeout.ms",
                        Integer.MAX_VALUE),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
