package dev.millrace.job.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.operator.inference.LogContext;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

class ReleaseSessionTest {
    private static final EngineOptions OPTIONS =
            new EngineOptions("cramped", 8, 2, Precision.FP32, 0, Map.of());

    @TempDir private Path folder;
    private Versions versions;
    private ReleaseSession session;

    @BeforeEach
    void open() throws Exception {
        ModelArtifact own = new ModelArtifact("fraud", "7", CrampedBackend.model(30, 7), "test");
        versions = new Versions(own, OPTIONS, 1000);
        session = new ReleaseSession(versions);
    }

    @AfterEach
    void close() {
        MDC.remove(LogContext.MODEL);
        versions.close();
    }

    private ModelRelease release(int version, ReleaseRole role, long fromMs) throws Exception {
        byte[] content = CrampedBackend.model(30, version);
        Path file = folder.resolve(String.valueOf(version));
        Files.write(file, content);
        String name = String.valueOf(version);
        return new ModelRelease(
                new ModelIdentity(
                        "fraud",
                        name,
                        new ModelArtifact("fraud", name, content, "test").version().sha256()),
                file.toUri(),
                Instant.ofEpochMilli(fromMs),
                role,
                1,
                List.of());
    }

    private static ConsumerRecord<byte[], byte[]> record(long timestamp) {
        return new ConsumerRecord<>(
                "payments",
                0,
                0,
                timestamp,
                TimestampType.CREATE_TIME,
                0,
                0,
                null,
                new byte[0],
                new RecordHeaders(),
                Optional.empty());
    }

    @Test
    void theEngineNamesTheChampionOfTheRecordsThatTheTaskIsAt() throws Exception {
        try (VersionedEngine engine = new VersionedEngine(versions, 8, 2, () -> {})) {
            assertThat(engine.scoringVersion()).hasToString("fraud:7");
            session.history(
                    ReleaseHistory.EMPTY.with(
                            new ReleaseHistory.Accepted(
                                    release(8, ReleaseRole.CHAMPION, 1000), 1)));
            session.choose(record(999));
            assertThat(engine.scoringVersion()).hasToString("fraud:7");
            session.choose(record(1000));
            assertThat(engine.scoringVersion()).hasToString("fraud:8");
            assertThat(engine.description()).isEqualTo(versions.lane(1).engine());
            session.choose(record(998));
            assertThat(engine.scoringVersion()).hasToString("fraud:7");
        }
    }

    @Test
    void logLinesNameTheChampionOfTheRecordsThatTheTaskIsAt() throws Exception {
        session.choose(record(999));
        assertThat(MDC.get(LogContext.MODEL)).isEqualTo("fraud:7");

        session.history(
                ReleaseHistory.EMPTY
                        .with(
                                new ReleaseHistory.Accepted(
                                        release(8, ReleaseRole.CHAMPION, 1000), 1))
                        .with(
                                new ReleaseHistory.Accepted(
                                        release(9, ReleaseRole.SHADOW, 1000), 2)));
        session.choose(record(999));
        assertThat(MDC.get(LogContext.MODEL)).isEqualTo("fraud:7");
        session.choose(record(1000));
        assertThat(MDC.get(LogContext.MODEL)).isEqualTo("fraud:8");
        // A late record.
        session.choose(record(998));
        assertThat(MDC.get(LogContext.MODEL)).isEqualTo("fraud:7");
    }
}
