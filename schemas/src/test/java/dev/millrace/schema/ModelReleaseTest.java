package dev.millrace.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.schema.feature.Mutations;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

class ModelReleaseTest {
    private static final ModelIdentity MODEL = new ModelIdentity("fraud", "8", "0c".repeat(32));
    private static final Instant ACTIVE_FROM = Instant.parse("2026-02-01T00:00:00.123Z");

    @Test
    void avrosOwnReaderReadsARelease() throws IOException {
        GenericRecord record =
                new GenericDatumReader<GenericRecord>(Contracts.modelRelease())
                        .read(
                                null,
                                DecoderFactory.get().binaryDecoder(challenger().toAvro(), null));
        assertThat(record.get("name")).hasToString("fraud");
        assertThat(record.get("artifact")).hasToString("s3://models/fraud-8.onnx");
        assertThat(record.get("activeFrom")).isEqualTo(ACTIVE_FROM.toEpochMilli());
        assertThat(record.get("role")).hasToString("CHALLENGER");
        assertThat(record.get("share")).isEqualTo(0.05);
        assertThat((List<?>) record.get("goldenVectors")).hasSize(1);
    }

    @Test
    void aReleaseComesBackAsItWas() throws RecordDecodingException {
        assertThat(ModelRelease.fromAvro(challenger().toAvro())).isEqualTo(challenger());
        ModelRelease champion = release(ReleaseRole.CHAMPION, 1, List.of());
        assertThat(ModelRelease.fromAvro(champion.toAvro())).isEqualTo(champion);
    }

    @Test
    void refusesContradictions() {
        assertThatThrownBy(() -> release(ReleaseRole.CHALLENGER, 0, List.of()))
                .hasMessageContaining("share 0.0");
        assertThatThrownBy(() -> release(ReleaseRole.SHADOW, Double.NaN, List.of()))
                .hasMessageContaining("share NaN");
        assertThatThrownBy(() -> release(ReleaseRole.CHAMPION, 0.5, List.of()))
                .hasMessageContaining("champion serves all keys");
    }

    @Test
    void damagedReleasesAreReadOrRefused() {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            try {
                ModelRelease.fromAvro(Mutations.mutate(challenger().toAvro(), random));
            } catch (RecordDecodingException e) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isBetween(1000, 9900);
    }

    private static ModelRelease challenger() {
        GoldenVector vector =
                new GoldenVector(
                        Map.of("x", ByteBuffer.wrap(new byte[] {1, 2, 3, 4})),
                        Map.of("y", ByteBuffer.wrap(new byte[] {5})),
                        0.5);
        return release(ReleaseRole.CHALLENGER, 0.05, List.of(vector));
    }

    private static ModelRelease release(
            ReleaseRole role, double share, List<GoldenVector> vectors) {
        return new ModelRelease(
                MODEL, URI.create("s3://models/fraud-8.onnx"), ACTIVE_FROM, role, share, vectors);
    }
}
