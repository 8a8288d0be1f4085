package dev.millrace.job.release;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.RecordDecodingException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The records of a control topic. Keys are {@code release|ID}, {@code vote|ID|SUBTASK} and {@code
 * decision|ID}; a release's value is Avro, votes and decisions are JSON. An id names model,
 * version, role and activation and ends in a digest of the whole release: the same release sent
 * twice is one, and another that is like it, which compaction would put in its place, is not it.
 */
public final class ReleaseTopic {
    static final String RELEASE = "release";
    static final String VOTE = "vote";
    static final String DECISION = "decision";
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int DIGEST_BYTES = 6;

    private ReleaseTopic() {}

    /**
     * A task's word on a release.
     *
     * @param parallelism how many tasks there are
     * @param greatestMs the greatest timestamp it has let through
     * @param failure why it cannot serve the release; empty if it can
     */
    public record Vote(int subtask, int parallelism, long greatestMs, String failure) {}

    /**
     * The end of a release's way into the history, or of its way out.
     *
     * @param sequence its place among the accepted ones
     * @param reason why it was refused; empty if it was accepted
     * @param earliestMs the earliest activation that could have been accepted, where that is why
     */
    public record Decision(
            boolean accepted, long sequence, String reason, long earliestMs, Instant at) {}

    /** What a record says: one of these three is there. */
    public record Entry(
            String id, ModelRelease release, String malformed, Vote vote, Decision decision) {}

    /** The id of a release: {@code fraud:8|champion|2026-02-01T00:00:00Z|5d41402abc4b}. */
    public static String id(ModelRelease release) {
        return "%s:%s|%s|%s|%s"
                .formatted(
                        release.model().name(),
                        release.model().version(),
                        release.role().name().toLowerCase(Locale.ROOT),
                        release.activeFrom(),
                        digest(release.toAvro()));
    }

    private static String digest(byte[] value) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(value);
            return HexFormat.of().formatHex(hash, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    public static ProducerRecord<byte[], byte[]> release(String topic, ModelRelease release) {
        return record(topic, RELEASE + "|" + id(release), release.toAvro());
    }

    static ProducerRecord<byte[], byte[]> vote(String topic, String id, Vote vote) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("subtask", vote.subtask());
        node.put("parallelism", vote.parallelism());
        node.put("greatestMs", vote.greatestMs());
        node.put("failure", vote.failure());
        return record(topic, VOTE + "|" + id + "|" + vote.subtask(), bytes(node));
    }

    static ProducerRecord<byte[], byte[]> decision(String topic, String id, Decision decision) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("accepted", decision.accepted());
        node.put("sequence", decision.sequence());
        node.put("reason", decision.reason());
        node.put("earliestMs", decision.earliestMs());
        node.put("at", decision.at().toString());
        return record(topic, DECISION + "|" + id, bytes(node));
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String key, byte[] value) {
        // One partition, so that all read the same order.
        return new ProducerRecord<>(topic, 0, key.getBytes(UTF_8), value);
    }

    private static byte[] bytes(ObjectNode node) {
        return node.toString().getBytes(UTF_8);
    }

    /** Reads a record; null for one that says nothing. */
    static Entry read(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null || record.value() == null) {
            return null;
        }
        String key = new String(record.key(), UTF_8);
        int bar = key.indexOf('|');
        if (bar < 0) {
            return null;
        }
        String id = key.substring(bar + 1);
        return switch (key.substring(0, bar)) {
            case RELEASE -> release(id, record.value());
            case VOTE -> vote(id.substring(0, Math.max(0, id.lastIndexOf('|'))), record.value());
            case DECISION -> decision(id, record.value());
            default -> null;
        };
    }

    private static Entry release(String id, byte[] value) {
        try {
            ModelRelease release = ModelRelease.fromAvro(value);
            if (!id(release).equals(id)) {
                return new Entry(
                        id,
                        null,
                        "its key says '%s', its value '%s'".formatted(id, id(release)),
                        null,
                        null);
            }
            return new Entry(id, release, "", null, null);
        } catch (RecordDecodingException e) {
            return new Entry(id, null, e.getMessage(), null, null);
        }
    }

    private static Entry vote(String id, byte[] value) {
        JsonNode node = json(value);
        if (!node.path("subtask").isInt() || !node.path("greatestMs").isIntegralNumber()) {
            return null;
        }
        Vote vote =
                new Vote(
                        node.path("subtask").asInt(),
                        node.path("parallelism").asInt(),
                        node.path("greatestMs").asLong(),
                        node.path("failure").asText());
        return new Entry(id, null, "", vote, null);
    }

    private static Entry decision(String id, byte[] value) {
        JsonNode node = json(value);
        if (!node.path("accepted").isBoolean()) {
            return null;
        }
        try {
            Decision decision =
                    new Decision(
                            node.path("accepted").asBoolean(),
                            node.path("sequence").asLong(),
                            node.path("reason").asText(),
                            node.path("earliestMs").asLong(),
                            Instant.parse(node.path("at").asText()));
            return new Entry(id, null, "", null, decision);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static JsonNode json(byte[] value) {
        try {
            return MAPPER.readTree(new String(value, UTF_8));
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
