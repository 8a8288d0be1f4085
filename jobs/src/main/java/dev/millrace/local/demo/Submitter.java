package dev.millrace.local.demo;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Submits the plan's transactions, in the order of their numbers, each exactly once: from where the
 * topic ends, by an idempotent producer. A thread of its own between construction and {@link
 * #close()}.
 */
final class Submitter implements AutoCloseable {
    /** Without a rate, so many records may be submitted and not out, at the least. */
    static final long LEAST_LEAD = 100_000;

    private static final int GROUP = 64;
    private static final long NAP_NANOS = 200_000;

    private final Plan plan;
    private final Transactions transactions;
    private final Poison poison;
    private final Submitted submittedBefore;
    private final LongSupplier accounted;
    private final int[] partitionOfCard = new int[Cards.COUNT];
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Callback onSent =
            (metadata, exception) -> {
                fail(exception);
                acknowledged.incrementAndGet();
            };
    private final Thread thread;
    private volatile boolean stopped;
    private volatile long lead = LEAST_LEAD;
    private volatile long count;

    /**
     * @param accounted how many records have come out so far
     */
    Submitter(Plan plan, DemoTopics topics, Poison poison, LongSupplier accounted) {
        this.plan = plan;
        this.poison = poison;
        this.accounted = accounted;
        transactions = new Transactions(plan.seed());
        submittedBefore = Submitted.in(topics);
        count = submittedBefore.count();
        for (int card = 0; card < partitionOfCard.length; card++) {
            int hash = Utils.murmur2(transactions.cards().key(card));
            partitionOfCard[card] = Utils.toPositive(hash) % plan.partitions();
        }
        producer = producer(topics);
        thread = new Thread(this::run, "millrace-submitter");
        thread.setDaemon(true);
        thread.start();
    }

    /** Records in the topic, those of earlier runs included. Any thread. */
    long count() {
        return count;
    }

    /** Answers of the broker in this run. Any thread. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Whether nothing more will be submitted. Any thread. */
    boolean done() {
        return !thread.isAlive();
    }

    /** Sets how many records may be submitted and not out, without a rate. Any thread. */
    void setLead(long records) {
        lead = Math.max(LEAST_LEAD, records);
    }

    /** Stops submitting soon. Any thread. */
    void stop() {
        stopped = true;
    }

    /**
     * Fails if submitting has failed.
     *
     * @throws DemoException with the cause
     */
    void check() {
        Exception cause = failure.get();
        if (cause != null) {
            throw new DemoException("Cannot submit transactions: " + cause.getMessage(), cause);
        }
    }

    @Override
    public void close() {
        stop();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (producer) {
            submitAll();
            producer.flush();
        } catch (Exception e) {
            fail(e);
        }
    }

    private void submitAll() {
        long beginNanos = System.nanoTime();
        long submitted = 0;
        long number = submittedBefore.resumeAt();
        while (number < plan.records() && !stopped && failure.get() == null) {
            if (!mayGoOn(submitted, System.nanoTime() - beginNanos)) {
                LockSupport.parkNanos(NAP_NANOS);
                continue;
            }
            long groupEnd = Math.min(plan.records(), number + GROUP);
            long now = System.currentTimeMillis();
            for (; number < groupEnd; number++) {
                if (submit(number, now)) {
                    submitted++;
                }
            }
            count = submittedBefore.count() + submitted;
        }
    }

    private boolean mayGoOn(long submitted, long elapsedNanos) {
        if (plan.rate() == Long.MAX_VALUE) {
            return submittedBefore.count() + submitted - accounted.getAsLong() < lead;
        }
        return submitted <= elapsedNanos * 1e-9 * plan.rate();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // onSent hears of every failure
    private boolean submit(long number, long nowMs) {
        int card = transactions.card(number);
        int partition = partitionOfCard[card];
        if (submittedBefore.holds(partition, number)) {
            return false;
        }
        byte[] value = transactions.encode(number);
        if (poison.strikes(number)) {
            value = poison.spoil(number, value);
        }
        byte[] numberBytes = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        Header header = new RecordHeader(DemoTopics.NUMBER_HEADER, numberBytes);
        producer.send(
                new ProducerRecord<>(
                        DemoTopics.TRANSACTIONS,
                        partition,
                        nowMs,
                        transactions.cards().key(card),
                        value,
                        List.of(header)),
                onSent);
        return true;
    }

    private void fail(Exception cause) {
        if (cause != null) {
            failure.compareAndSet(null, cause);
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(DemoTopics topics) {
        Map<String, Object> properties = topics.clientProperties();
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        // Giving up on one batch and sending the next would leave a gap that nobody could find.
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        // A broker that is down for a while fills the buffer, and that is no failure either.
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Integer.MAX_VALUE);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        return new KafkaProducer<>(
                properties, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
