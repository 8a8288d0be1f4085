package dev.millrace.schema.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * Avro schemas of a schema registry, over its public REST interface. Schemas that were found are
 * kept: an id never changes its meaning. Threads may share it.
 *
 * <p>Every method throws {@link SchemaRegistryUnavailableException} where the registry does not
 * answer, refuses the credentials, or is no schema registry.
 */
public final class SchemaRegistry {
    private static final int SUBJECT_NOT_FOUND = 40401;
    private static final int VERSION_NOT_FOUND = 40402;
    private static final int SCHEMA_NOT_FOUND = 40403;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final RegistryHttp http;
    private final Map<Integer, Schema> byId = new ConcurrentHashMap<>();

    /**
     * A schema under a subject.
     *
     * @param id what framed values carry
     */
    public record Registered(String subject, int version, int id, Schema schema) {}

    /** The subject that a topic's values have where nobody names another. */
    public static String subjectOfValues(String topic) {
        return topic + "-value";
    }

    public SchemaRegistry(SchemaRegistryOptions options) {
        this.http = new RegistryHttp(options);
    }

    /**
     * The schema of an id.
     *
     * @throws RecordDecodingException if the registry knows no such schema, or it is not Avro: the
     *     record that names it cannot be read
     */
    public Schema byId(int id) throws RecordDecodingException {
        Schema known = byId.get(id);
        if (known != null) {
            return known;
        }
        RegistryHttp.Answer answer = http.get("/schemas/ids/" + id);
        if (!answer.ok()) {
            if (answer.errorCode() == SCHEMA_NOT_FOUND) {
                throw new RecordDecodingException(
                        Kind.UNKNOWN_SCHEMA, "The schema registry knows no schema of id " + id);
            }
            throw unexpected("schema of id " + id, answer);
        }
        Schema schema = parse(answer.body(), "Schema of id " + id);
        byId.put(id, schema);
        return schema;
    }

    /**
     * The newest schema of a subject, or nothing where the subject is unknown.
     *
     * @throws IllegalArgumentException if it is not Avro
     */
    public Optional<Registered> latest(String subject) {
        RegistryHttp.Answer answer = http.get(versions(subject) + "/latest");
        if (answer.errorCode() == SUBJECT_NOT_FOUND || answer.errorCode() == VERSION_NOT_FOUND) {
            return Optional.empty();
        }
        if (!answer.ok()) {
            throw unexpected("subject " + subject, answer);
        }
        JsonNode body = answer.body();
        try {
            return Optional.of(
                    new Registered(
                            subject,
                            body.path("version").asInt(),
                            body.path("id").asInt(),
                            parse(body, "Newest schema of subject " + subject)));
        } catch (RecordDecodingException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Registers a schema under a subject, which does nothing where it is registered already.
     *
     * @return its id
     * @throws IllegalArgumentException if the registry does not take it, for example because it is
     *     incompatible with the one before
     */
    public int register(String subject, Schema schema) {
        ObjectNode body = JSON.createObjectNode().put("schema", schema.toString());
        RegistryHttp.Answer answer = http.post(versions(subject), body);
        if (!answer.ok()) {
            throw new IllegalArgumentException(
                    "The schema registry does not take schema %s for subject %s: %s (%d)"
                            .formatted(
                                    schema.getFullName(),
                                    subject,
                                    answer.message(),
                                    answer.errorCode()));
        }
        int id = answer.body().path("id").asInt();
        byId.put(id, schema);
        return id;
    }

    private static String versions(String subject) {
        String encoded = URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
        return "/subjects/" + encoded + "/versions";
    }

    private Schema parse(JsonNode body, String what) throws RecordDecodingException {
        // Other programs' schemas may have defaults that Avro's parser no longer likes.
        Schema.Parser parser = new Schema.Parser().setValidateDefaults(false);
        return parse(body, what, parser, new HashSet<>());
    }

    private Schema parse(JsonNode body, String what, Schema.Parser parser, Set<String> seen)
            throws RecordDecodingException {
        String type = body.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new RecordDecodingException(
                    Kind.UNUSABLE_SCHEMA,
                    "%s is of type %s; only Avro is read".formatted(what, type));
        }
        for (JsonNode reference : body.path("references")) {
            String subject = reference.path("subject").asText();
            String version = reference.path("version").asText();
            if (seen.add(subject + " " + version)) {
                String name = "Version " + version + " of subject " + subject;
                parse(referenced(subject, version, what), name, parser, seen);
            }
        }
        try {
            return parser.parse(body.path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new RecordDecodingException(
                    Kind.UNUSABLE_SCHEMA,
                    "%s is not an Avro schema: %s".formatted(what, e.getMessage()),
                    e);
        }
    }

    private JsonNode referenced(String subject, String version, String what)
            throws RecordDecodingException {
        RegistryHttp.Answer answer = http.get(versions(subject) + "/" + version);
        if (answer.ok()) {
            return answer.body();
        }
        if (answer.errorCode() == SUBJECT_NOT_FOUND || answer.errorCode() == VERSION_NOT_FOUND) {
            throw new RecordDecodingException(
                    Kind.UNUSABLE_SCHEMA,
                    "%s refers to version %s of subject %s, which the registry does not have"
                            .formatted(what, version, subject));
        }
        throw unexpected("version " + version + " of subject " + subject, answer);
    }

    private static SchemaRegistryUnavailableException unexpected(
            String what, RegistryHttp.Answer answer) {
        return new SchemaRegistryUnavailableException(
                "Asked for the %s, the schema registry answers HTTP %d: %s (%d)"
                        .formatted(what, answer.status(), answer.message(), answer.errorCode()),
                null);
    }
}
