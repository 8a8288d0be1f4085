package dev.millrace.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.job.kafka.RecordType;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Makes dead letters the records they were before: topic, partition and offset as their headers
 * say, without those headers. A record that was no dead letter stays what it is.
 */
public final class OriginalRecords
        implements KafkaRecordDeserializationSchema<ConsumerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(
            ConsumerRecord<byte[], byte[]> record, Collector<ConsumerRecord<byte[], byte[]>> out) {
        out.collect(original(record));
    }

    static ConsumerRecord<byte[], byte[]> original(ConsumerRecord<byte[], byte[]> letter) {
        Optional<String> topic = text(letter, DeadLetterHeaders.TOPIC);
        Optional<Long> partition = number(letter, DeadLetterHeaders.PARTITION);
        Optional<Long> offset = number(letter, DeadLetterHeaders.OFFSET);
        if (topic.isEmpty() || partition.isEmpty() || offset.isEmpty()) {
            return letter;
        }
        Headers headers = new RecordHeaders();
        for (Header header : letter.headers()) {
            if (!header.key().startsWith(DeadLetterHeaders.PREFIX)) {
                headers.add(header);
            }
        }
        return new ConsumerRecord<>(
                topic.get(),
                Math.toIntExact(partition.get()),
                offset.get(),
                letter.timestamp(),
                letter.timestampType(),
                letter.serializedKeySize(),
                letter.serializedValueSize(),
                letter.key(),
                letter.value(),
                headers,
                letter.leaderEpoch());
    }

    private static Optional<String> text(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    private static Optional<Long> number(ConsumerRecord<byte[], byte[]> record, String name) {
        return text(record, name)
                .filter(digits -> digits.matches("\\d{1,18}"))
                .map(Long::parseLong);
    }

    @Override
    public TypeInformation<ConsumerRecord<byte[], byte[]>> getProducedType() {
        return RecordType.CONSUMER;
    }
}
