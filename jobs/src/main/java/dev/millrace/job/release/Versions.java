package dev.millrace.job.release;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of one task, each with its engine. Lanes are added by the loader's thread or the
 * task thread, under this object's monitor.
 *
 * <p>Champions that do not fit into memory together take turns: whoever is about to score has
 * others closed, once nothing of theirs is in flight, until it fits. A release of such a champion
 * is tried while the others are closed, and they are opened again, whatever came of it. Engines are
 * opened and closed for that under {@link #engines}, which the task thread holds while it submits;
 * whoever needs both takes the monitor first.
 */
public final class Versions {
    private static final Logger LOG = LoggerFactory.getLogger(Versions.class);
    private static final int MOST_OPEN = 6;
    private static final long RETRY_MS = 500;
    private static final long IDLE_POLL_NANOS = 50_000;

    private final EngineOptions options;
    private final ModelSignature signature;
    private final String model;
    private final long timeoutMs;
    private final ArtifactLocations locations;
    private final Map<String, Integer> indexes = new ConcurrentHashMap<>();
    private final Map<ModelVersion, ModelArtifact> artifacts = new ConcurrentHashMap<>();
    private final ReentrantLock engines = new ReentrantLock();
    private volatile List<Lane> lanes = List.of();
    private volatile Lane champion;
    private final AtomicLong turns = new AtomicLong();
    private long uses;

    /** Opens the pipeline's own model, lane 0; artifacts may come from anywhere. */
    Versions(ModelArtifact own, EngineOptions options, long timeoutMs) throws EngineException {
        this(own, options, timeoutMs, ArtifactLocations.ANY);
    }

    /** Opens the pipeline's own model, lane 0. */
    Versions(ModelArtifact own, EngineOptions options, long timeoutMs, ArtifactLocations locations)
            throws EngineException {
        this.options = options;
        this.locations = locations;
        this.timeoutMs = timeoutMs;
        this.model = own.version().name();
        Engine engine = Engines.open(own, options);
        this.signature = engine.signature();
        artifacts.put(own.version(), own);
        champion = add(own.version(), false, engine);
    }

    ModelSignature signature() {
        return signature;
    }

    /** By index. */
    public Lane lane(int index) {
        return lanes.get(index);
    }

    /** The lane that scores the records that the task is at, but for a challenger's share. */
    Lane champion() {
        return champion;
    }

    /** Task thread. */
    void champion(Lane next) {
        champion = next;
    }

    List<Lane> lanes() {
        return lanes;
    }

    /** How often an engine was closed to make room for another. */
    long turns() {
        return turns.get();
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
        if (!version.name().equals(model)) {
            throw new ReleaseLoader.UnfitException(
                    "this pipeline scores with model '%s' and knows no '%s'; a model of another name is another pipeline"
                            .formatted(model, version.name()));
        }
        ModelArtifact artifact = artifact(release, version);
        try {
            return add(version, shadow, ReleaseLoader.open(release, artifact, options, signature));
        } catch (ReleaseLoader.UnfitException e) {
            if (!lacksRoom(e)) {
                throw e;
            }
            if (release.role() != ReleaseRole.CHAMPION) {
                throw new ReleaseLoader.UnfitException(
                        "there is no memory for it beside the versions that serve, and only champions take turns: "
                                + e.getMessage(),
                        e);
            }
            return addAlone(release, artifact, version);
        }
    }

    private static boolean lacksRoom(ReleaseLoader.UnfitException e) {
        return e.getCause() instanceof EngineException cause
                && cause.kind() == EngineException.Kind.RETRYABLE;
    }

    /** Tries a version while no other is open. The task does not score meanwhile. */
    private Lane addAlone(ModelRelease release, ModelArtifact artifact, ModelVersion version)
            throws ReleaseLoader.UnfitException {
        LOG.warn(
                "There is no memory for {} beside the versions that serve; scoring waits while it is tried alone",
                version);
        engines.lock();
        List<Lane> closed = new ArrayList<>();
        try {
            for (Lane lane : lanes) {
                if (lane.openEngine() != null) {
                    closeIdle(lane);
                    closed.add(lane);
                }
            }
            Lane lane =
                    add(version, false, ReleaseLoader.open(release, artifact, options, signature));
            lane.close();
            return lane;
        } finally {
            closed.forEach(this::openAgain);
            engines.unlock();
        }
    }

    /** Whoever is about to score tries again. */
    private void openAgain(Lane lane) {
        try {
            lane.open(Engines.open(artifacts.get(lane.version()), options));
        } catch (EngineException e) {
            LOG.error("Version {} cannot be opened again", lane.version(), e);
        }
    }

    private ModelArtifact artifact(ModelRelease release, ModelVersion version)
            throws ReleaseLoader.UnfitException {
        ModelArtifact known = artifacts.get(version);
        if (known != null) {
            return known;
        }
        locations.require(release.artifact());
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs / 2);
        while (true) {
            try {
                byte[] content = ReleaseLoader.fetch(release.artifact(), locations.mayRedirect());
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

    /** Before a submission: no engine is opened or closed until it ends. Task thread. */
    void beginSubmission() {
        engines.lock();
    }

    void endSubmission() {
        engines.unlock();
    }

    /** The engine of a lane that is about to score, within a submission. Task thread. */
    Engine engine(Lane lane) throws ReleaseLoader.UnfitException {
        lane.used(++uses);
        Engine engine = lane.openEngine();
        if (engine != null) {
            return engine;
        }
        closeOldest();
        while (true) {
            try {
                lane.open(Engines.open(artifacts.get(lane.version()), options));
                return lane.openEngine();
            } catch (EngineException e) {
                if (e.kind() != EngineException.Kind.RETRYABLE || !makeRoom()) {
                    throw new ReleaseLoader.UnfitException(e.getMessage(), e);
                }
            }
        }
    }

    /** Closes the engine that was used longest ago; false if none is open. */
    private boolean makeRoom() {
        Optional<Lane> oldest =
                lanes.stream()
                        .filter(lane -> lane.openEngine() != null)
                        .min(Comparator.comparingLong(Lane::lastUse));
        oldest.ifPresent(this::closeIdle);
        return oldest.isPresent();
    }

    /** What is in flight completes on threads of the engine, without the task thread. */
    private void closeIdle(Lane lane) {
        while (lane.inFlight().get() > 0) {
            LockSupport.parkNanos(IDLE_POLL_NANOS);
        }
        lane.close();
        turns.incrementAndGet();
    }

    /** Closes engines beyond what is kept open, those longest unused first. */
    private void closeOldest() {
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
        for (int i = 0; i < idle.size() && open >= MOST_OPEN; i++, open--) {
            idle.get(i).close();
        }
    }

    synchronized void close() {
        engines.lock();
        try {
            lanes.forEach(Lane::close);
        } finally {
            engines.unlock();
        }
    }
}
