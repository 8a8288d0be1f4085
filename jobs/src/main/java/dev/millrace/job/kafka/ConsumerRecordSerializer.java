package dev.millrace.job.kafka;

import java.io.IOException;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;

/** Serializer of raw records as a source emits them. */
public final class ConsumerRecordSerializer
        extends ImmutableSerializer<ConsumerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;
    private static final int NO_EPOCH = -1;

    static final ConsumerRecordSerializer INSTANCE = new ConsumerRecordSerializer();

    @Override
    public ConsumerRecord<byte[], byte[]> createInstance() {
        return new ConsumerRecord<>("", 0, 0, null, null);
    }

    @Override
    public void serialize(ConsumerRecord<byte[], byte[]> record, DataOutputView target)
            throws IOException {
        target.writeUTF(record.topic());
        target.writeInt(record.partition());
        target.writeLong(record.offset());
        target.writeLong(record.timestamp());
        target.writeInt(record.timestampType().id);
        target.writeInt(record.leaderEpoch().orElse(NO_EPOCH));
        RecordFields.writeBytes(record.key(), target);
        RecordFields.writeBytes(record.value(), target);
        RecordFields.writeHeaders(record.headers(), target);
    }

    @Override
    public ConsumerRecord<byte[], byte[]> deserialize(DataInputView source) throws IOException {
        String topic = source.readUTF();
        int partition = source.readInt();
        long offset = source.readLong();
        long timestamp = source.readLong();
        TimestampType timestampType = timestampType(source.readInt());
        int epoch = source.readInt();
        byte[] key = RecordFields.readBytes(source);
        byte[] value = RecordFields.readBytes(source);
        Headers headers = RecordFields.readHeaders(source);
        return new ConsumerRecord<>(
                topic,
                partition,
                offset,
                timestamp,
                timestampType,
                size(key),
                size(value),
                key,
                value,
                headers,
                epoch == NO_EPOCH ? Optional.empty() : Optional.of(epoch));
    }

    private static TimestampType timestampType(int id) throws IOException {
        for (TimestampType type : TimestampType.values()) {
            if (type.id == id) {
                return type;
            }
        }
        throw new IOException("No timestamp type has the id " + id);
    }

    private static int size(byte[] bytes) {
        return bytes == null ? ConsumerRecord.NULL_SIZE : bytes.length;
    }

    @Override
    public TypeSerializerSnapshot<ConsumerRecord<byte[], byte[]>> snapshotConfiguration() {
        return new Snapshot();
    }

    /** What a savepoint says of this serializer. */
    public static final class Snapshot
            extends SimpleTypeSerializerSnapshot<ConsumerRecord<byte[], byte[]>> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
