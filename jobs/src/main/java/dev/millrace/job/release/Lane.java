package dev.millrace.job.release;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.operator.inference.ServedModel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A version that serves in one role. Main and shadow scores of the same version have lanes of their
 * own, so that a record that fails in the shadow is not lost for the main topic. Its index never
 * changes; its engine may be closed while nobody needs it and opened again.
 */
public final class Lane implements ServedModel {
    private final int index;
    private final ModelVersion version;
    private final boolean shadow;
    private final ModelSignature signature;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile Engine engine;
    private volatile EngineDescription description;
    private long lastUse;

    Lane(int index, ModelVersion version, boolean shadow, Engine engine) {
        this.index = index;
        this.version = version;
        this.shadow = shadow;
        this.signature = engine.signature();
        open(engine);
    }

    void open(Engine opened) {
        description = opened.description();
        engine = opened;
    }

    int index() {
        return index;
    }

    @Override
    public ModelVersion version() {
        return version;
    }

    @Override
    public ModelSignature signature() {
        return signature;
    }

    /** Of the engine's last time, while it is closed. */
    @Override
    public EngineDescription engine() {
        Engine open = engine;
        return open == null ? description : open.description();
    }

    public boolean shadow() {
        return shadow;
    }

    /** Null while it is closed. */
    Engine openEngine() {
        return engine;
    }

    AtomicInteger inFlight() {
        return inFlight;
    }

    long lastUse() {
        return lastUse;
    }

    void used(long use) {
        lastUse = use;
    }

    void close() {
        Engine open = engine;
        if (open != null) {
            description = open.description();
            engine = null;
            open.close();
        }
    }
}
