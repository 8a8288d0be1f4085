package dev.millrace.schema;

import dev.millrace.schema.RecordDecodingException.Kind;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Model releases in Avro binary; the same release always gives the same bytes. */
final class ModelReleaseCodec {
    /** In the order of the contract's symbols. */
    private static final List<ReleaseRole> ROLES =
            Contracts.modelRelease().getField("role").schema().getEnumSymbols().stream()
                    .map(ReleaseRole::valueOf)
                    .toList();

    private ModelReleaseCodec() {}

    static byte[] encode(ModelRelease release) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AvroBytes.appendString(out, release.model().name());
        AvroBytes.appendString(out, release.model().version());
        out.writeBytes(HexFormat.of().parseHex(release.model().sha256()));
        AvroBytes.appendString(out, release.artifact().toString());
        AvroBytes.appendLong(out, release.activeFrom().toEpochMilli());
        AvroBytes.appendLong(out, ROLES.indexOf(release.role()));
        appendDouble(out, release.share());
        if (release.goldenVectors().isEmpty()) {
            AvroBytes.appendLong(out, 0);
            return out.toByteArray();
        }
        AvroBytes.appendLong(out, 1);
        AvroBytes.appendLong(out, release.goldenVectors().size());
        for (GoldenVector vector : release.goldenVectors()) {
            appendRows(out, vector.inputs());
            appendRows(out, vector.outputs());
            appendDouble(out, vector.tolerance());
        }
        AvroBytes.appendLong(out, 0);
        return out.toByteArray();
    }

    static ModelRelease decode(byte[] value) throws RecordDecodingException {
        if (value == null) {
            throw new RecordDecodingException(Kind.MISSING, "A tombstone is no model release");
        }
        AvroCursor in = new AvroCursor(value, 0);
        ModelIdentity model =
                new ModelIdentity(
                        in.readString(),
                        in.readString(),
                        HexFormat.of().formatHex(in.readFixed(32)));
        String artifact = in.readString();
        long activeFromMs = in.readLong();
        ReleaseRole role = ROLES.get(in.readIndex(ROLES.size()));
        double share = Double.longBitsToDouble(in.readDoubleBits());
        try {
            List<GoldenVector> vectors = vectors(in);
            in.expectEnd();
            return new ModelRelease(
                    model,
                    URI.create(artifact),
                    Instant.ofEpochMilli(activeFromMs),
                    role,
                    share,
                    vectors);
        } catch (IllegalArgumentException e) {
            throw new RecordDecodingException(Kind.MALFORMED, e.getMessage(), e);
        }
    }

    private static List<GoldenVector> vectors(AvroCursor in) throws RecordDecodingException {
        List<GoldenVector> vectors = new ArrayList<>();
        if (in.readIndex(2) == 0) {
            return vectors;
        }
        for (int block = in.readBlock(); block > 0; block = in.readBlock()) {
            for (int i = 0; i < block; i++) {
                vectors.add(
                        new GoldenVector(
                                rows(in), rows(in), Double.longBitsToDouble(in.readDoubleBits())));
            }
        }
        return vectors;
    }

    private static Map<String, ByteBuffer> rows(AvroCursor in) throws RecordDecodingException {
        Map<String, ByteBuffer> rows = new LinkedHashMap<>();
        for (int block = in.readBlock(); block > 0; block = in.readBlock()) {
            for (int i = 0; i < block; i++) {
                rows.put(in.readString(), ByteBuffer.wrap(in.readBytes()));
            }
        }
        return rows;
    }

    private static void appendRows(ByteArrayOutputStream out, Map<String, ByteBuffer> rows) {
        if (!rows.isEmpty()) {
            AvroBytes.appendLong(out, rows.size());
        }
        new TreeMap<>(rows)
                .forEach(
                        (name, row) -> {
                            AvroBytes.appendString(out, name);
                            byte[] bytes = new byte[row.remaining()];
                            row.duplicate().get(bytes);
                            AvroBytes.appendLong(out, bytes.length);
                            out.writeBytes(bytes);
                        });
        AvroBytes.appendLong(out, 0);
    }

    private static void appendDouble(ByteArrayOutputStream out, double value) {
        out.writeBytes(
                ByteBuffer.allocate(Double.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putDouble(value)
                        .array());
    }
}
