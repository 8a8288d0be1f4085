package dev.millrace.job.kafka;

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends each record as it is, except that a partition the topic does not have is folded into those
 * it has: records of one source partition then still share a partition, and keep their order.
 */
final class ReadyRecords implements KafkaRecordSerializationSchema<ProducerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;

    private final String topic;
    private transient int partitions;

    ReadyRecords(String topic) {
        this.topic = topic;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sink) {
        partitions = sink.getPartitionsForTopic(topic).length;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
            ProducerRecord<byte[], byte[]> record, KafkaSinkContext context, Long timestamp) {
        Integer partition = record.partition();
        if (partition == null || partition < partitions) {
            return record;
        }
        return new ProducerRecord<>(
                record.topic(),
                partition % partitions,
                record.timestamp(),
                record.key(),
                record.value(),
                record.headers());
    }
}
