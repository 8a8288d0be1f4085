package dev.millrace.local.demo;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * What the topic of transactions holds already. Records are submitted in the order of their
 * numbers, so the last record of a partition tells that all earlier ones of that partition are
 * there; a killed generator leaves partitions that end at different numbers.
 */
final class Submitted {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final long[] lastNumbers;
    private final long count;

    /**
     * @param lastNumbers the number of each partition's last record, -1 for an empty partition
     * @param count records in all partitions
     */
    Submitted(long[] lastNumbers, long count) {
        this.lastNumbers = lastNumbers.clone();
        this.count = count;
    }

    static Submitted in(DemoTopics topics) {
        long[] ends = topics.transactionEnds();
        long[] lastNumbers = new long[ends.length];
        Arrays.fill(lastNumbers, -1);
        try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer("read_uncommitted")) {
            for (TopicPartition partition : topics.partitionsOf(DemoTopics.TRANSACTIONS)) {
                long end = ends[partition.partition()];
                if (end > 0) {
                    lastNumbers[partition.partition()] = numberAt(consumer, partition, end - 1);
                }
            }
        }
        return new Submitted(lastNumbers, Arrays.stream(ends).sum());
    }

    /** Records in all partitions. */
    long count() {
        return count;
    }

    /** The first number that may be missing. */
    long resumeAt() {
        return Arrays.stream(lastNumbers).min().orElse(-1) + 1;
    }

    /** Whether a record that belongs into a partition is there. */
    boolean holds(int partition, long number) {
        return number <= lastNumbers[partition];
    }

    private static long numberAt(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, offset);
        ConsumerRecords<byte[], byte[]> found = consumer.poll(PATIENCE);
        for (ConsumerRecord<byte[], byte[]> record : found) {
            if (record.offset() == offset) {
                return DemoTopics.number(record.headers());
            }
        }
        throw new DemoException(
                "The broker did not give the last record of %s, offset %d, within %d s"
                        .formatted(partition, offset, PATIENCE.toSeconds()));
    }
}
