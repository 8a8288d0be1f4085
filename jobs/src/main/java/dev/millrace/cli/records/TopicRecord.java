package dev.millrace.cli.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.millrace.job.DeadLetterHeaders;
import dev.millrace.job.Provenance;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.Score;
import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.ScoredRecordDecoder;
import dev.millrace.schema.SourcePosition;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** A record that Millrace wrote, as people or programs read it. */
public final class TopicRecord {
    private static final int MOST_VALUES = 10;

    private TopicRecord() {}

    /** One line: of a scored record its source, model and scores; of a dead letter its cause. */
    public static String line(ConsumerRecord<byte[], byte[]> record) {
        if (header(record, DeadLetterHeaders.KIND).isPresent()) {
            return "%s  %s/%s@%s  %s: %s"
                    .formatted(
                            Instant.ofEpochMilli(record.timestamp()),
                            header(record, DeadLetterHeaders.TOPIC).orElse("?"),
                            header(record, DeadLetterHeaders.PARTITION).orElse("?"),
                            header(record, DeadLetterHeaders.OFFSET).orElse("?"),
                            header(record, DeadLetterHeaders.KIND).orElse("?"),
                            header(record, DeadLetterHeaders.MESSAGE).orElse("?"));
        }
        Optional<ScoredRecord> scored = scored(record);
        if (scored.isEmpty()) {
            return "%s  %s/%d@%d  no scored record, %d bytes"
                    .formatted(
                            Instant.ofEpochMilli(record.timestamp()),
                            record.topic(),
                            record.partition(),
                            record.offset(),
                            record.value() == null ? 0 : record.value().length);
        }
        SourcePosition source = scored.get().source();
        return "%s  %s/%d@%d  %s  %s"
                .formatted(
                        Instant.ofEpochMilli(source.timestampMs()),
                        source.topic(),
                        source.partition(),
                        source.offset(),
                        scored.get().model(),
                        scores(scored.get()));
    }

    private static String scores(ScoredRecord scored) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Score> entry : scored.scores().entrySet()) {
            Score score = entry.getValue();
            text.append(text.isEmpty() ? "" : "  ").append(entry.getKey()).append('=');
            if (score.scalar()) {
                text.append(score.text(0));
                continue;
            }
            text.append('[');
            for (int i = 0; i < Math.min(MOST_VALUES, score.size()); i++) {
                text.append(i == 0 ? "" : ", ").append(score.text(i));
            }
            int more = score.size() - MOST_VALUES;
            text.append(more > 0 ? ", and %d more]".formatted(more) : "]");
        }
        return text.toString();
    }

    /** Everything there is to say, as one JSON object. */
    public static ObjectNode json(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("topic", record.topic());
        node.put("partition", record.partition());
        node.put("offset", record.offset());
        node.put("timestamp", record.timestamp());
        node.put("key", record.key() == null ? null : text(record.key()));
        ObjectNode headers = node.putObject("headers");
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? null : text(header.value()));
        }
        boolean deadLetter = header(record, DeadLetterHeaders.KIND).isPresent();
        Optional<ScoredRecord> scored = deadLetter ? Optional.empty() : scored(record);
        if (scored.isPresent()) {
            node.putRawValue("scored", new RawValue(scored.get().toJson()));
        } else {
            node.put(
                    "value",
                    record.value() == null
                            ? null
                            : Base64.getEncoder().encodeToString(record.value()));
        }
        return node;
    }

    /** The record's value, where it is a scored record. */
    private static Optional<ScoredRecord> scored(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(ScoredRecordDecoder.decode(record.value()));
        } catch (RecordDecodingException e) {
            return Optional.empty();
        }
    }

    /** When and by which engine a scored record was scored. */
    public static Optional<String> provenance(ConsumerRecord<byte[], byte[]> record) {
        return header(record, Provenance.HEADER);
    }

    private static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(text(header.value()));
    }

    /** UTF-8 text, or base64 where the bytes are none. */
    private static String text(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        return text.indexOf('\uFFFD') < 0 ? text : Base64.getEncoder().encodeToString(bytes);
    }
}
