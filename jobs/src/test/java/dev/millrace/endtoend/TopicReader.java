package dev.millrace.endtoend;

import dev.millrace.local.KafkaBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics from their beginning, committed records alone. One thread. */
final class TopicReader implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;

    TopicReader(KafkaBroker broker, int partitions, String... topics) {
        consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker.bootstrapServers(),
                                "isolation.level",
                                "read_committed",
                                "auto.offset.reset",
                                "earliest",
                                "max.poll.records",
                                5000),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        List<TopicPartition> all =
                Stream.of(topics)
                        .flatMap(
                                topic ->
                                        IntStream.range(0, partitions)
                                                .mapToObj(p -> new TopicPartition(topic, p)))
                        .toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
    }

    /** Hands over what has come since. */
    void poll(Consumer<ConsumerRecord<byte[], byte[]>> each) {
        consumer.poll(Duration.ofMillis(50)).forEach(each);
    }

    /** Hands over everything that is committed so far and was not handed over yet. */
    void readToEnd(Consumer<ConsumerRecord<byte[], byte[]>> each) throws Exception {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        Eventually.await(
                "the topics are read up to " + ends,
                () -> {
                    poll(each);
                    return ends.entrySet().stream()
                            .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
                });
    }

    @Override
    public void close() {
        consumer.close();
    }
}
