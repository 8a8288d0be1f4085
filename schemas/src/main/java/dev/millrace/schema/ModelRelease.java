package dev.millrace.schema;

import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Announces that a model version serves from a point in record time.
 *
 * @param artifact where the model artifact is
 * @param activeFrom the first record timestamp this release claims; whole milliseconds
 * @param share the share of keys, above 0 and up to 1; 1 for a champion
 * @param goldenVectors checked before the version serves; may be none
 */
public record ModelRelease(
        ModelIdentity model,
        URI artifact,
        Instant activeFrom,
        ReleaseRole role,
        double share,
        List<GoldenVector> goldenVectors) {
    public ModelRelease {
        goldenVectors = List.copyOf(goldenVectors);
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "Release of %s: share %s is not above 0 and up to 1".formatted(model, share));
        }
        if (role == ReleaseRole.CHAMPION && share != 1) {
            throw new IllegalArgumentException(
                    "Release of %s: a champion serves all keys, not a share of %s; release it as challenger"
                            .formatted(model, share));
        }
        if (!activeFrom.truncatedTo(ChronoUnit.MILLIS).equals(activeFrom)) {
            throw new IllegalArgumentException(
                    "Release of %s: %s is not a whole millisecond, as records' timestamps are"
                            .formatted(model, activeFrom));
        }
    }

    /** The release in Avro binary of {@link Contracts#modelRelease()}. */
    public byte[] toAvro() {
        return ModelReleaseCodec.encode(this);
    }

    /**
     * Reads a release from Avro binary.
     *
     * @throws RecordDecodingException if the bytes are no release, or one that contradicts itself
     */
    public static ModelRelease fromAvro(byte[] value) throws RecordDecodingException {
        return ModelReleaseCodec.decode(value);
    }
}
