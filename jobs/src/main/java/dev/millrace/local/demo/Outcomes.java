package dev.millrace.local.demo;

import dev.millrace.local.demo.Ledger.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * Reads what came out, scored records and dead letters, as any consumer of committed records sees
 * it, and enters it into a {@link Ledger}. One thread.
 */
final class Outcomes implements AutoCloseable {
    /** Hears of each record that came out. */
    interface Listener {
        /**
         * Told once a record, in the order they are read.
         *
         * @param outcome where the record ended
         * @param submittedMs when its input was submitted, or -1 where that is not known
         * @param found the scored record or dead letter
         */
        void onRecord(Outcome outcome, long submittedMs, ConsumerRecord<byte[], byte[]> found);
    }

    private static final String ERROR_PARTITION = "millrace.error.partition";
    private static final String ERROR_OFFSET = "millrace.error.offset";

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Ledger ledger;
    private final Listener listener;
    private final ScoredPosition position = new ScoredPosition();

    Outcomes(DemoTopics topics, Ledger ledger, Listener listener) {
        this.consumer = topics.outcomes();
        this.ledger = ledger;
        this.listener = listener;
    }

    /** Enters what came out, waiting for so long if there is nothing. */
    void poll(Duration patience) {
        for (ConsumerRecord<byte[], byte[]> found : consumer.poll(patience)) {
            if (found.topic().equals(DemoTopics.SCORED)) {
                position.read(found.value());
                ledger.enter(Outcome.SCORED, position.partition(), position.offset());
                listener.onRecord(Outcome.SCORED, position.timestampMs(), found);
            } else {
                ledger.enter(
                        Outcome.DEAD_LETTER,
                        (int) number(found, ERROR_PARTITION),
                        number(found, ERROR_OFFSET));
                listener.onRecord(Outcome.DEAD_LETTER, -1, found);
            }
        }
        ledger.publish();
    }

    /** Reads until everything that is committed now has been entered. */
    void readToEnd() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream()
                .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            poll(Duration.ofMillis(200));
        }
    }

    @Override
    public void close() {
        consumer.close();
    }

    private static long number(ConsumerRecord<byte[], byte[]> found, String name) {
        Header header = found.headers().lastHeader(name);
        if (header == null) {
            throw new DemoException(
                    "The dead letter at %s:%d has no header %s"
                            .formatted(found.topic(), found.offset(), name));
        }
        return Long.parseLong(new String(header.value(), StandardCharsets.UTF_8));
    }
}
