package dev.millrace.job;

import dev.millrace.operator.deadletter.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Makes a dead letter ready to be sent: key, value, headers, timestamp and partition as they were,
 * the cause in further headers.
 */
final class DeadLetterRecords
        implements MapFunction<
                DeadLetter<ConsumerRecord<byte[], byte[]>>, ProducerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;

    private final String pipeline;
    private final String topic;

    DeadLetterRecords(String pipeline, String topic) {
        this.pipeline = pipeline;
        this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> map(DeadLetter<ConsumerRecord<byte[], byte[]>> letter) {
        ConsumerRecord<byte[], byte[]> record = letter.element();
        Headers headers = new RecordHeaders(record.headers());
        add(headers, DeadLetterHeaders.KIND, letter.kind().name().toLowerCase(Locale.ROOT));
        add(headers, DeadLetterHeaders.MESSAGE, letter.message());
        add(headers, DeadLetterHeaders.TOPIC, record.topic());
        add(headers, DeadLetterHeaders.PARTITION, String.valueOf(record.partition()));
        add(headers, DeadLetterHeaders.OFFSET, String.valueOf(record.offset()));
        add(headers, DeadLetterHeaders.PIPELINE, pipeline);
        add(headers, DeadLetterHeaders.TIME, Instant.now().toString());
        return new ProducerRecord<>(
                topic,
                record.partition(),
                record.timestamp() < 0 ? null : record.timestamp(),
                record.key(),
                record.value(),
                headers);
    }

    /** A record that is a dead letter for the second time keeps only its last cause. */
    private static void add(Headers headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
