package dev.millrace.schema.wire;

import dev.millrace.schema.Fingerprints;
import dev.millrace.schema.Framing;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import dev.millrace.schema.feature.FeaturePlan;
import dev.millrace.schema.feature.FeatureSpec;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.avro.Schema;

/**
 * Avro's single-object encoding: the bytes C3 01, the writer's 64-bit schema fingerprint,
 * little-endian, then the record. The writers' schemas are known beforehand.
 */
public final class SingleObjectRecordDecoder implements RecordDecoder {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[] fingerprints;
    private final FeaturePlan[] plans;

    /** For records that one schema wrote. */
    public SingleObjectRecordDecoder(Schema schema, FeatureSpec spec) {
        this(List.of(schema), schema, spec);
    }

    /**
     * For records of several versions of a schema.
     *
     * @param writers the schemas that records may name
     * @param reader whose names, aliases and defaults count
     */
    public SingleObjectRecordDecoder(Collection<Schema> writers, Schema reader, FeatureSpec spec) {
        List<Schema> schemas = List.copyOf(writers);
        fingerprints = schemas.stream().mapToLong(Fingerprints::crc64).toArray();
        plans =
                schemas.stream()
                        .map(writer -> FeaturePlan.compile(writer, reader, spec))
                        .toArray(FeaturePlan[]::new);
    }

    @Override
    public void decode(byte[] value, ByteBuffer[] tensors, int row) throws RecordDecodingException {
        WireValues.checkPresent(value);
        int start = Framing.SINGLE_OBJECT_BYTES;
        plan(value).decode(value, start, value.length - start, tensors, row);
    }

    private FeaturePlan plan(byte[] value) throws RecordDecodingException {
        if (value.length < Framing.SINGLE_OBJECT_BYTES
                || value[0] != Framing.SINGLE_OBJECT_MARKER
                || value[1] != Framing.SINGLE_OBJECT_VERSION) {
            throw new RecordDecodingException(
                    Kind.MALFORMED,
                    "The value (%d bytes) does not start with C3 01 and a fingerprint; it is not in Avro's single-object encoding"
                            .formatted(value.length));
        }
        long fingerprint = (long) LONGS.get(value, 2);
        for (int i = 0; i < fingerprints.length; i++) {
            if (fingerprints[i] == fingerprint) {
                return plans[i];
            }
        }
        throw new RecordDecodingException(
                Kind.UNKNOWN_SCHEMA,
                "No schema has fingerprint %016x; known are %s"
                        .formatted(
                                fingerprint,
                                LongStream.of(fingerprints)
                                        .mapToObj("%016x"::formatted)
                                        .collect(Collectors.joining(", "))));
    }
}
