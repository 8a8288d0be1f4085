package dev.millrace.job.release;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.schema.ModelRelease;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The versions of one task, each with its engine. Lanes are added by the loader's thread or the
 * task thread; engines are closed on the task thread.
 */
public final class Versions {
    private static final int MOST_OPEN = 6;
    private static final long RETRY_MS = 500;

    private final EngineOptions options;
    private final ModelSignature signature;
    private final long timeoutMs;
    private final Map<String, Integer> indexes = new ConcurrentHashMap<>();
    private final Map<ModelVersion, ModelArtifact> artifacts = new HashMap<>();
    private volatile List<Lane> lanes = List.of();
    private long uses;

    /** Opens the pipeline's own model, lane 0. */
    Versions(ModelArtifact own, EngineOptions options, long timeoutMs) throws Exception {
        this.options = options;
        this.timeoutMs = timeoutMs;
        Engine engine = Engines.open(own, options);
        this.signature = engine.signature();
        artifacts.put(own.version(), own);
        add(own.version(), false, engine);
    }

    ModelSignature signature() {
        return signature;
    }

    /** By index. */
    public Lane lane(int index) {
        return lanes.get(index);
    }

    List<Lane> lanes() {
        return lanes;
    }

    private static ModelVersion version(ModelRelease release) {
        return new ModelVersion(
                release.model().name(), release.model().version(), release.model().sha256());
    }

    private static String key(ModelVersion version, boolean shadow) {
        return version + "|" + version.sha256() + "|" + shadow;
    }

    private synchronized Lane add(ModelVersion version, boolean shadow, Engine engine) {
        List<Lane> more = new ArrayList<>(lanes);
        Lane lane = new Lane(more.size(), version, shadow, engine);
        more.add(lane);
        indexes.put(key(version, shadow), lane.index());
        lanes = List.copyOf(more);
        return lane;
    }

    /**
     * The lane of a release; loads the version where that is necessary, and tries for a while where
     * its artifact cannot be reached.
     *
     * @throws ReleaseLoader.UnfitException if it cannot serve
     */
    Lane load(Optional<ModelRelease> release, boolean shadow) throws ReleaseLoader.UnfitException {
        if (release.isEmpty()) {
            return lanes.get(0);
        }
        ModelVersion version = version(release.get());
        Integer index = indexes.get(key(version, shadow));
        // Without the lock, which a load may hold for long.
        return index == null ? loadNew(release.get(), version, shadow) : lanes.get(index);
    }

    private synchronized Lane loadNew(ModelRelease release, ModelVersion version, boolean shadow)
            throws ReleaseLoader.UnfitException {
        Integer index = indexes.get(key(version, shadow));
        if (index != null) {
            return lanes.get(index);
        }
        ModelArtifact artifact = artifact(release, version);
        return add(version, shadow, ReleaseLoader.open(release, artifact, options, signature));
    }

    private Lane reopened(Lane lane) throws ReleaseLoader.UnfitException {
        if (lane.openEngine() == null) {
            try {
                lane.open(Engines.open(artifacts.get(lane.version()), options));
            } catch (EngineException e) {
                throw new ReleaseLoader.UnfitException(e.getMessage(), e);
            }
        }
        return lane;
    }

    private ModelArtifact artifact(ModelRelease release, ModelVersion version)
            throws ReleaseLoader.UnfitException {
        ModelArtifact known = artifacts.get(version);
        if (known != null) {
            return known;
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs / 2);
        while (true) {
            try {
                byte[] content = ReleaseLoader.fetch(release.artifact());
                ModelArtifact artifact = ReleaseLoader.artifact(release, content);
                artifacts.put(version, artifact);
                return artifact;
            } catch (IOException | RuntimeException e) {
                if (System.nanoTime() >= deadline) {
                    throw new ReleaseLoader.UnfitException(
                            "the artifact at %s cannot be fetched: %s"
                                    .formatted(release.artifact(), e.getMessage()),
                            e);
                }
            }
            try {
                Thread.sleep(RETRY_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ReleaseLoader.UnfitException("interrupted while fetching", e);
            }
        }
    }

    /** The engine of a lane that is about to score. Task thread. */
    Engine engine(Lane lane) throws ReleaseLoader.UnfitException {
        lane.used(++uses);
        Engine engine = lane.openEngine();
        if (engine != null) {
            return engine;
        }
        synchronized (this) {
            closeOldest();
            return reopened(lane).openEngine();
        }
    }

    /** Closes engines beyond what is kept open, those longest unused first. Task thread. */
    synchronized void closeOldest() {
        List<Lane> idle = new ArrayList<>();
        int open = 0;
        for (Lane lane : lanes) {
            open += lane.openEngine() == null ? 0 : 1;
            // One that nobody has used yet was loaded for a release to come.
            if (lane.openEngine() != null && lane.inFlight().get() == 0 && lane.lastUse() > 0) {
                idle.add(lane);
            }
        }
        idle.sort(Comparator.comparingLong(Lane::lastUse));
        for (int i = 0; i < idle.size() && open > MOST_OPEN; i++, open--) {
            idle.get(i).close();
        }
    }

    synchronized void close() {
        lanes.forEach(Lane::close);
    }
}
