package dev.millrace.schema.wire;

import dev.millrace.schema.Framing;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import dev.millrace.schema.feature.FeaturePlan;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.feature.UnusableFeatureException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * Avro in the framing of schema registries: a zero byte, the writer's schema id in four bytes,
 * big-endian, then the record. Each writer's schema has a plan of its own, made when its id is
 * first met.
 */
public final class ConfluentRecordDecoder implements RecordDecoder {
    private final SchemaRegistry registry;
    private final FeatureSpec spec;
    private final Optional<Schema> reader;
    private final PlanCache plans = new PlanCache(this::compile);

    /** Features are looked for in each writer's schema. */
    public ConfluentRecordDecoder(SchemaRegistry registry, FeatureSpec spec) {
        this(registry, spec, Optional.empty());
    }

    /** Features are those of the reader's schema; its aliases and defaults count. */
    public ConfluentRecordDecoder(SchemaRegistry registry, FeatureSpec spec, Schema reader) {
        this(registry, spec, Optional.of(reader));
        // What the reader's schema itself cannot feed is the pipeline's fault, not a record's.
        FeaturePlan.compile(reader, spec);
    }

    private ConfluentRecordDecoder(
            SchemaRegistry registry, FeatureSpec spec, Optional<Schema> reader) {
        this.registry = registry;
        this.spec = spec;
        this.reader = reader;
    }

    @Override
    public void decode(byte[] value, ByteBuffer[] tensors, int row) throws RecordDecodingException {
        WireValues.checkPresent(value);
        int id = schemaId(value);
        int start = Framing.CONFLUENT_BYTES;
        plans.plan(id).decode(value, start, value.length - start, tensors, row);
    }

    private static int schemaId(byte[] value) throws RecordDecodingException {
        if (value.length < Framing.CONFLUENT_BYTES) {
            throw new RecordDecodingException(
                    Kind.MALFORMED,
                    "%d bytes are too few for a schema id, which takes %d"
                            .formatted(value.length, Framing.CONFLUENT_BYTES));
        }
        if (value[0] != Framing.CONFLUENT_MAGIC) {
            throw new RecordDecodingException(
                    Kind.MALFORMED,
                    "The value starts with byte %02x instead of 00; it was not written with a schema registry"
                            .formatted(value[0]));
        }
        int id =
                (value[1] & 0xFF) << 24
                        | (value[2] & 0xFF) << 16
                        | (value[3] & 0xFF) << 8
                        | (value[4] & 0xFF);
        if (id < 0) {
            throw new RecordDecodingException(
                    Kind.MALFORMED, "Schema id %d is negative".formatted(id));
        }
        return id;
    }

    private FeaturePlan compile(int id) throws RecordDecodingException {
        Schema writer = registry.byId(id);
        try {
            return FeaturePlan.compile(writer, reader.orElse(writer), spec);
        } catch (UnusableFeatureException e) {
            throw new RecordDecodingException(
                    Kind.UNUSABLE_SCHEMA,
                    "Schema %s of id %d cannot feed the model: %s"
                            .formatted(writer.getFullName(), id, e.getMessage()),
                    e);
        }
    }
}
