package dev.millrace.cli.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.DeadLetterHeaders;
import dev.millrace.job.Provenance;
import dev.millrace.schema.Contracts;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** A record that Millrace wrote, as people or programs read it. One thread. */
public final class TopicRecord {
    private static final int MOST_VALUES = 10;

    private final GenericDatumReader<GenericRecord> reader =
            new GenericDatumReader<>(Contracts.scoredRecord());

    /** One line: of a scored record its source, model and scores; of a dead letter its cause. */
    public String line(ConsumerRecord<byte[], byte[]> record) {
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
        Optional<ObjectNode> scored = scored(record);
        if (scored.isEmpty()) {
            return "%s  %s/%d@%d  no scored record, %d bytes"
                    .formatted(
                            Instant.ofEpochMilli(record.timestamp()),
                            record.topic(),
                            record.partition(),
                            record.offset(),
                            record.value() == null ? 0 : record.value().length);
        }
        JsonNode source = scored.get().get("source");
        JsonNode model = scored.get().get("model");
        return "%s  %s/%d@%d  %s:%s  %s"
                .formatted(
                        Instant.ofEpochMilli(source.get("timestamp").longValue()),
                        source.get("topic").textValue(),
                        source.get("partition").intValue(),
                        source.get("offset").longValue(),
                        model.get("name").textValue(),
                        model.get("version").textValue(),
                        scores(scored.get().get("scores")));
    }

    private static String scores(JsonNode scores) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, JsonNode> score : scores.properties()) {
            text.append(text.isEmpty() ? "" : "  ").append(score.getKey()).append('=');
            if (!score.getValue().isArray()) {
                text.append(score.getValue().asText());
                continue;
            }
            text.append('[');
            for (int i = 0; i < Math.min(MOST_VALUES, score.getValue().size()); i++) {
                text.append(i == 0 ? "" : ", ").append(score.getValue().get(i).asText());
            }
            int more = score.getValue().size() - MOST_VALUES;
            text.append(more > 0 ? ", and %d more]".formatted(more) : "]");
        }
        return text.toString();
    }

    /** Everything there is to say, as one JSON object. */
    public ObjectNode json(ConsumerRecord<byte[], byte[]> record) {
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
        Optional<ObjectNode> scored = deadLetter ? Optional.empty() : scored(record);
        if (scored.isPresent()) {
            node.set("scored", scored.get());
        } else {
            node.put(
                    "value",
                    record.value() == null
                            ? null
                            : Base64.getEncoder().encodeToString(record.value()));
        }
        return node;
    }

    /** The record's value, where it is a scored record and nothing else. */
    private Optional<ObjectNode> scored(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return Optional.empty();
        }
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(record.value(), null);
        try {
            GenericRecord value = reader.read(null, decoder);
            return decoder.isEnd() ? Optional.of(readable(value)) : Optional.empty();
        } catch (IOException | AvroRuntimeException e) {
            return Optional.empty();
        }
    }

    /** Plain arrays for vectors, and the SHA-256 in the digits that everybody else shows. */
    private static ObjectNode readable(GenericRecord value) {
        ObjectNode node = JsonValues.record(value);
        GenericRecord model = (GenericRecord) value.get("model");
        byte[] sha256 = ((GenericFixed) model.get("sha256")).bytes();
        ((ObjectNode) node.get("model")).put("sha256", HexFormat.of().formatHex(sha256));
        ObjectNode scores = (ObjectNode) node.get("scores");
        scores.properties()
                .forEach(
                        score -> {
                            if (score.getValue().isObject()) {
                                score.setValue(score.getValue().get("values"));
                            }
                        });
        return node;
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
