package dev.millrace.job.kafka;

import dev.millrace.job.config.Delivery;
import dev.millrace.job.config.PipelineConfig;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Builds the sinks of a pipeline, both with the same guarantee. */
public final class Sinks {
    private Sinks() {}

    /** The sink of scored records. */
    public static Sink<ProducerRecord<byte[], byte[]>> scored(PipelineConfig.Sink sink) {
        return sink(sink, sink.topic(), "-scored");
    }

    /** The sink of dead letters. */
    public static Sink<ProducerRecord<byte[], byte[]>> deadLetters(PipelineConfig.Sink sink) {
        return sink(sink, sink.deadLetterTopic(), "-dead-letters");
    }

    /** The sink of shadow scores. */
    public static Sink<ProducerRecord<byte[], byte[]>> shadow(
            PipelineConfig.Sink sink, String topic) {
        return sink(sink, topic, "-shadow");
    }

    private static Sink<ProducerRecord<byte[], byte[]>> sink(
            PipelineConfig.Sink sink, String topic, String idSuffix) {
        Properties properties = new Properties();
        properties.putAll(sink.properties());
        KafkaSinkBuilder<ProducerRecord<byte[], byte[]>> builder =
                KafkaSink.<ProducerRecord<byte[], byte[]>>builder()
                        .setBootstrapServers(
                                sink.properties().get(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG))
                        .setRecordSerializer(new ReadyRecords(topic));
        if (sink.delivery() == Delivery.EXACTLY_ONCE) {
            properties.setProperty(
                    ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                    String.valueOf(sink.transactionTimeout().toMillis()));
            builder.setTransactionalIdPrefix(sink.transactionalIdPrefix() + idSuffix);
        }
        return new QuietlyClosingSink<>(
                builder.setKafkaProducerConfig(properties)
                        .setDeliveryGuarantee(guarantee(sink.delivery()))
                        .build());
    }

    private static DeliveryGuarantee guarantee(Delivery delivery) {
        return switch (delivery) {
            case EXACTLY_ONCE -> DeliveryGuarantee.EXACTLY_ONCE;
            case AT_LEAST_ONCE -> DeliveryGuarantee.AT_LEAST_ONCE;
        };
    }
}
