package dev.millrace.job.kafka;

import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.StartFallback;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/** Builds the source of a pipeline. */
@SuppressWarnings("deprecation") // the connector's interface takes Kafka's old OffsetResetStrategy
public final class Sources {
    private Sources() {}

    /** A source that reads on as long as the job runs. */
    public static KafkaSource<ConsumerRecord<byte[], byte[]>> unbounded(
            PipelineConfig.Source source) {
        return builder(source).build();
    }

    /** A source that ends at the records that are there when it starts. */
    public static KafkaSource<ConsumerRecord<byte[], byte[]>> boundedAtLatest(
            PipelineConfig.Source source) {
        return builder(source).setBounded(OffsetsInitializer.latest()).build();
    }

    private static KafkaSourceBuilder<ConsumerRecord<byte[], byte[]>> builder(
            PipelineConfig.Source source) {
        Properties properties = new Properties();
        properties.putAll(source.properties());
        return KafkaSource.<ConsumerRecord<byte[], byte[]>>builder()
                .setTopics(source.topics())
                .setGroupId(source.groupId())
                .setStartingOffsets(start(source.start()))
                .setDeserializer(new RawRecords())
                .setProperties(properties);
    }

    private static OffsetsInitializer start(PipelineConfig.Start start) {
        OffsetResetStrategy fallback = resetStrategy(start.fallback());
        return switch (start.position()) {
            case EARLIEST -> OffsetsInitializer.earliest();
            case LATEST -> OffsetsInitializer.latest();
            case COMMITTED -> OffsetsInitializer.committedOffsets(fallback);
            case TIMESTAMP ->
                    OffsetsInitializer.timestamp(start.timestamp().orElseThrow().toEpochMilli());
            case OFFSETS -> {
                Map<TopicPartition, Long> offsets = new HashMap<>();
                for (PipelineConfig.StartOffset offset : start.offsets()) {
                    offsets.put(
                            new TopicPartition(offset.topic(), offset.partition()),
                            offset.offset());
                }
                yield OffsetsInitializer.offsets(offsets, fallback);
            }
        };
    }

    private static OffsetResetStrategy resetStrategy(StartFallback fallback) {
        return switch (fallback) {
            case EARLIEST -> OffsetResetStrategy.EARLIEST;
            case LATEST -> OffsetResetStrategy.LATEST;
            case NONE -> OffsetResetStrategy.NONE;
        };
    }
}
