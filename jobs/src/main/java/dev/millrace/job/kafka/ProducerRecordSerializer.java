package dev.millrace.job.kafka;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** Serializer of records that are ready to be sent. */
public final class ProducerRecordSerializer
        extends ImmutableSerializer<ProducerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;
    private static final int NO_PARTITION = -1;
    private static final long NO_TIMESTAMP = -1;

    static final ProducerRecordSerializer INSTANCE = new ProducerRecordSerializer();

    @Override
    public ProducerRecord<byte[], byte[]> createInstance() {
        return new ProducerRecord<>("", null);
    }

    @Override
    public void serialize(ProducerRecord<byte[], byte[]> record, DataOutputView target)
            throws IOException {
        target.writeUTF(record.topic());
        target.writeInt(record.partition() == null ? NO_PARTITION : record.partition());
        target.writeLong(record.timestamp() == null ? NO_TIMESTAMP : record.timestamp());
        RecordFields.writeBytes(record.key(), target);
        RecordFields.writeBytes(record.value(), target);
        RecordFields.writeHeaders(record.headers(), target);
    }

    @Override
    public ProducerRecord<byte[], byte[]> deserialize(DataInputView source) throws IOException {
        String topic = source.readUTF();
        int partition = source.readInt();
        long timestamp = source.readLong();
        byte[] key = RecordFields.readBytes(source);
        byte[] value = RecordFields.readBytes(source);
        Headers headers = RecordFields.readHeaders(source);
        return new ProducerRecord<>(
                topic,
                partition == NO_PARTITION ? null : partition,
                timestamp == NO_TIMESTAMP ? null : timestamp,
                key,
                value,
                headers);
    }

    @Override
    public TypeSerializerSnapshot<ProducerRecord<byte[], byte[]>> snapshotConfiguration() {
        return new Snapshot();
    }

    /** What a savepoint says of this serializer. */
    public static final class Snapshot
            extends SimpleTypeSerializerSnapshot<ProducerRecord<byte[], byte[]>> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
