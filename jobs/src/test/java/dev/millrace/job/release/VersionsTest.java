package dev.millrace.job.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions on a device with room for 100 bytes, of which the pipeline's own model takes 60. */
class VersionsTest {
    private static final int ROWS = 8;
    private static final int ROUTE_INPUT = 1;
    private static final EngineOptions OPTIONS =
            new EngineOptions("cramped", ROWS, 2, Precision.FP32, 0, Map.of());

    @TempDir private Path folder;
    private Versions versions;
    private VersionedEngine engine;

    @BeforeEach
    void open() throws Exception {
        versions = new Versions(artifact(7, 60, 7), OPTIONS, 1000);
        engine = new VersionedEngine(versions, ROWS, 2, () -> {});
    }

    @AfterEach
    void close() {
        engine.close();
        assertThat(CrampedBackend.taken()).isZero();
        assertThat(CrampedBackend.most()).isLessThanOrEqualTo(CrampedBackend.ROOM);
    }

    private static ModelArtifact artifact(int version, int bytes, int add) {
        return new ModelArtifact(
                "fraud", String.valueOf(version), CrampedBackend.model(bytes, add), "test");
    }

    private ModelRelease release(String name, int version, int bytes, int add, ReleaseRole role)
            throws Exception {
        return release(folder.resolve(name + "-" + version), name, version, bytes, add, role);
    }

    private static ModelRelease release(
            Path file, String name, int version, int bytes, int add, ReleaseRole role)
            throws Exception {
        Files.write(file, CrampedBackend.model(bytes, add));
        return new ModelRelease(
                new ModelIdentity(
                        name,
                        String.valueOf(version),
                        artifact(version, bytes, add).version().sha256()),
                file.toUri(),
                Instant.EPOCH,
                role,
                1,
                List.of());
    }

    private int load(ModelRelease release) throws Exception {
        return versions.load(Optional.of(release), release.role() == ReleaseRole.SHADOW).index();
    }

    /** Scores one micro-batch whose rows go through the lanes given, and says what was added. */
    private List<Integer> score(int slotIndex, int... lanes) throws Exception {
        Slot slot = engine.slots().get(slotIndex);
        for (int row = 0; row < lanes.length; row++) {
            slot.input(0).putFloat(row * CrampedBackend.FEATURES * Float.BYTES, 1000 * row);
            slot.input(ROUTE_INPUT).putInt(row * VersionedEngine.ROUTE_BYTES, lanes[row]);
            slot.input(ROUTE_INPUT).putInt(row * VersionedEngine.ROUTE_BYTES + Integer.BYTES, -1);
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        engine.submit(
                slot,
                lanes.length,
                new CompletionListener() {
                    @Override
                    public void onScored(Slot scored) {
                        done.complete(null);
                    }

                    @Override
                    public void onFailed(Slot failed, EngineException failure) {
                        done.completeExceptionally(failure);
                    }
                });
        done.get(1, TimeUnit.MINUTES);
        Integer[] added = new Integer[lanes.length];
        for (int row = 0; row < lanes.length; row++) {
            added[row] = (int) slot.output(0).getFloat(row * Float.BYTES) - 1000 * row;
        }
        return List.of(added);
    }

    @Test
    void championsThatDoNotFitTogetherTakeTurns() throws Exception {
        assertThat(score(0, 0, 0)).containsExactly(7, 7);

        int next = load(release("fraud", 8, 60, 8, ReleaseRole.CHAMPION));

        // Tried alone, and the old version is back at once: it serves until the activation.
        assertThat(versions.lane(0).openEngine()).isNotNull();
        assertThat(versions.lane(next).openEngine()).isNull();
        long turns = versions.turns();
        assertThat(score(0, 0, 0)).containsExactly(7, 7);
        assertThat(versions.turns()).isEqualTo(turns);
        // Records of both around the activation, in the order they came in.
        assertThat(score(1, 0, next, 0, next)).containsExactly(7, 8, 7, 8);
        assertThat(score(0, next, next)).containsExactly(8, 8);
        assertThat(versions.lane(0).openEngine()).isNull();
        assertThat(CrampedBackend.taken()).isEqualTo(60);
        // A late record.
        assertThat(score(0, next, 0)).containsExactly(8, 7);
    }

    @Test
    void theOldVersionIsBackWhenTheNewOneFailsAlone() throws Exception {
        ModelRelease failing = release("fraud", 9, 70, 0, ReleaseRole.CHAMPION);
        assertThatThrownBy(() -> load(failing))
                .isInstanceOf(ReleaseLoader.UnfitException.class)
                .hasMessageContaining("it adds nothing");
        assertThat(versions.lanes()).hasSize(1);
        assertThat(score(0, 0, 0, 0)).containsExactly(7, 7, 7);

        ModelRelease tooLarge = release("fraud", 10, 101, 10, ReleaseRole.CHAMPION);
        assertThatThrownBy(() -> load(tooLarge)).hasMessageContaining("101 bytes do not fit");
        assertThat(score(0, 0)).containsExactly(7);
    }

    @Test
    void aShadowOrAChallengerThatDoesNotFitIsRefused() throws Exception {
        for (ReleaseRole role : List.of(ReleaseRole.SHADOW, ReleaseRole.CHALLENGER)) {
            ModelRelease beside = release("fraud", 8, 60, 8, role);
            assertThatThrownBy(() -> load(beside))
                    .hasMessageContaining("only champions take turns")
                    .hasMessageContaining("60 bytes do not fit beside 60 of 100");
        }
        int small = load(release("fraud", 11, 40, 11, ReleaseRole.CHALLENGER));
        assertThat(score(0, small, 0)).containsExactly(11, 7);
        assertThat(versions.turns()).isZero();
    }

    @Test
    void scoringGoesOnWhileAVersionIsTriedAlone() throws Exception {
        ModelRelease[] releases = new ModelRelease[20];
        for (int i = 0; i < releases.length; i++) {
            releases[i] = release("fraud", 20 + i, 60, 20 + i, ReleaseRole.CHAMPION);
        }
        CompletableFuture<Void> loading =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                for (ModelRelease release : releases) {
                                    load(release);
                                }
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        while (!loading.isDone()) {
            assertThat(score(0, 0, 0)).containsExactly(7, 7);
            assertThat(score(1, 0)).containsExactly(7);
        }
        loading.get();
        assertThat(versions.lanes()).hasSize(1 + releases.length);
        assertThat(score(0, 1, 20, 0)).containsExactly(20, 39, 7);
    }

    @Test
    void aModelOfAnotherNameIsUnknown() throws Exception {
        ModelRelease other = release("ranker", 1, 10, 1, ReleaseRole.CHAMPION);
        assertThatThrownBy(() -> load(other))
                .hasMessageContaining("scores with model 'fraud' and knows no 'ranker'");
    }

    @Test
    void anArtifactFromElsewhereIsRefusedBeforeItIsRead() throws Exception {
        Path models = Files.createDirectory(folder.resolve("models"));
        Versions bound =
                new Versions(
                        artifact(7, 20, 7),
                        OPTIONS,
                        1000,
                        new ArtifactLocations(List.of(models.toUri().toString())));
        try {
            ModelRelease outside = release("fraud", 8, 10, 8, ReleaseRole.CHAMPION);
            Files.delete(Path.of(outside.artifact()));
            assertThatThrownBy(() -> bound.load(Optional.of(outside), false))
                    .isInstanceOf(ReleaseLoader.UnfitException.class)
                    .hasMessageContaining("its artifact is at " + outside.artifact())
                    .hasMessageContaining("'releases.locations' allows")
                    .hasMessageContaining(models.toString());
            assertThat(bound.lanes()).hasSize(1);

            ModelRelease inside =
                    release(models.resolve("8"), "fraud", 8, 10, 8, ReleaseRole.CHAMPION);
            assertThat(bound.load(Optional.of(inside), false).index()).isEqualTo(1);
        } finally {
            bound.close();
        }
    }
}
