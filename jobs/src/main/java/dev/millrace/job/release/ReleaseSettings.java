package dev.millrace.job.release;

import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/** What tasks have to know to follow a control topic. Travels with the job. */
public final class ReleaseSettings implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String topic;
    private final HashMap<String, String> clientProperties;
    private final long timeoutMs;
    private final ArtifactLocations locations;
    private final boolean readOnly;
    private final String backend;
    private final Precision precision;
    private final int device;
    private final HashMap<String, String> engineProperties;

    /**
     * @param timeoutMs how long a release may take to be voted on
     * @param locations where artifacts may come from
     * @param readOnly whether the log is taken as it is when the job starts, as replays do: they
     *     neither vote nor see what is accepted later
     * @param engine how versions are opened
     */
    public ReleaseSettings(
            String topic,
            Map<String, String> clientProperties,
            long timeoutMs,
            ArtifactLocations locations,
            boolean readOnly,
            EngineOptions engine) {
        this.topic = topic;
        this.clientProperties = new HashMap<>(clientProperties);
        this.timeoutMs = timeoutMs;
        this.locations = locations;
        this.readOnly = readOnly;
        this.backend = engine.backend();
        this.precision = engine.precision();
        this.device = engine.device();
        this.engineProperties = new HashMap<>(engine.properties());
    }

    String topic() {
        return topic;
    }

    Map<String, String> clientProperties() {
        return clientProperties;
    }

    long timeoutMs() {
        return timeoutMs;
    }

    ArtifactLocations locations() {
        return locations;
    }

    boolean readOnly() {
        return readOnly;
    }

    EngineOptions engine(int maxBatchSize, int slots) {
        return new EngineOptions(backend, maxBatchSize, slots, precision, device, engineProperties);
    }
}
