package dev.millrace.job;

import com.fasterxml.jackson.core.JacksonException;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.ValueFormat;
import dev.millrace.schema.feature.FeaturePlan;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.feature.JsonFeaturePlan;
import dev.millrace.schema.wire.AvroRecordDecoder;
import dev.millrace.schema.wire.ConfluentRecordDecoder;
import dev.millrace.schema.wire.JsonRecordDecoder;
import dev.millrace.schema.wire.RecordDecoder;
import dev.millrace.schema.wire.SchemaRegistry;
import dev.millrace.schema.wire.SchemaRegistryOptions;
import dev.millrace.schema.wire.SingleObjectRecordDecoder;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/** How a pipeline's values are read. Travels with the job; decoders are built where they work. */
final class WireFormat implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ValueFormat type;

    /** The schema that features are planned against; empty for JSON without one. */
    private final String schemaJson;

    /** Null where no registry is needed: optionals do not travel. */
    private final SchemaRegistryOptions registry;

    private WireFormat(ValueFormat type, String schemaJson, SchemaRegistryOptions registry) {
        this.type = type;
        this.schemaJson = schemaJson;
        this.registry = registry;
    }

    /**
     * Reads the schema from where the pipeline says.
     *
     * @throws IllegalArgumentException if there is no such schema
     * @throws dev.millrace.schema.wire.SchemaRegistryUnavailableException if the registry is silent
     */
    static WireFormat of(PipelineConfig config) throws IOException {
        PipelineConfig.Format format = config.format();
        Optional<SchemaRegistryOptions> registry = config.registry();
        String json = "";
        if (format.schemaFile().isPresent()) {
            json = parse(format.schemaFile().get()).toString();
        } else if (format.type() == ValueFormat.CONFLUENT) {
            json = latest(registry.orElseThrow(), format.subject()).toString();
        }
        return new WireFormat(format.type(), json, registry.orElse(null));
    }

    private static Schema parse(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file " + file);
        }
        Schema schema;
        try {
            schema = new Schema.Parser().parse(file.toFile());
        } catch (SchemaParseException | JacksonException | CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "%s is not an Avro schema: %s".formatted(file, e.getMessage()), e);
        }
        if (schema.getType() != Schema.Type.RECORD) {
            throw new IllegalArgumentException(
                    "%s is the schema of type '%s'; values are records"
                            .formatted(file, schema.getType().getName()));
        }
        return schema;
    }

    private static Schema latest(SchemaRegistryOptions registry, String subject) {
        return new SchemaRegistry(registry)
                .latest(subject)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "the schema registry has no subject '%s'; correct 'source.subject' or give a 'source.schema-file'"
                                                .formatted(subject)))
                .schema();
    }

    /** The same schema in another encoding. */
    WireFormat as(ValueFormat other) {
        if (schemaJson.isEmpty() && other != ValueFormat.JSON) {
            throw new IllegalArgumentException(
                    "the pipeline has no schema to read Avro or Parquet files with; give a 'source.schema-file'");
        }
        return new WireFormat(other, schemaJson, registry);
    }

    /** The schema that features are planned against, where there is one. */
    Optional<Schema> schema() {
        return schemaJson.isEmpty()
                ? Optional.empty()
                : Optional.of(new Schema.Parser().setValidateDefaults(false).parse(schemaJson));
    }

    /** A decoder of a task's own. */
    RecordDecoder newDecoder(FeatureSpec spec) {
        return switch (type) {
            case AVRO -> new AvroRecordDecoder(FeaturePlan.compile(schema().orElseThrow(), spec));
            case AVRO_SINGLE_OBJECT -> new SingleObjectRecordDecoder(schema().orElseThrow(), spec);
            case CONFLUENT ->
                    new ConfluentRecordDecoder(
                            new SchemaRegistry(registry), spec, schema().orElseThrow());
            case JSON ->
                    new JsonRecordDecoder(
                            schema().map(schema -> JsonFeaturePlan.compile(spec, schema))
                                    .orElseGet(() -> JsonFeaturePlan.compile(spec)));
        };
    }
}
