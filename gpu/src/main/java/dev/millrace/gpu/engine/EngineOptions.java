package dev.millrace.gpu.engine;

import java.util.Map;
import java.util.Objects;

/**
 * How to open an engine.
 *
 * @param backend a backend's name, or {@link #AUTO}
 * @param maxBatchSize rows per slot
 * @param slots number of slots; at least two, so that one fills while another is scored
 * @param precision the arithmetic asked for
 * @param device ordinal of the device for backends that have several
 * @param properties settings of one backend, keyed {@code backend.setting}; unknown ones are
 *     refused
 */
public record EngineOptions(
        String backend,
        int maxBatchSize,
        int slots,
        Precision precision,
        int device,
        Map<String, String> properties) {
    /** Takes the best backend that covers the model on this machine. */
    public static final String AUTO = "auto";

    public EngineOptions {
        Objects.requireNonNull(backend);
        Objects.requireNonNull(precision);
        properties = Map.copyOf(properties);
        if (maxBatchSize < 1) {
            throw new IllegalArgumentException("maxBatchSize must be at least 1: " + maxBatchSize);
        }
        if (slots < 1) {
            throw new IllegalArgumentException("slots must be at least 1: " + slots);
        }
        if (device < 0) {
            throw new IllegalArgumentException("device must not be negative: " + device);
        }
    }

    /** Options with fp32, device 0 and no backend settings. */
    public static EngineOptions of(String backend, int maxBatchSize, int slots) {
        return new EngineOptions(backend, maxBatchSize, slots, Precision.FP32, 0, Map.of());
    }

    public EngineOptions withBackend(String newBackend) {
        return new EngineOptions(newBackend, maxBatchSize, slots, precision, device, properties);
    }

    public EngineOptions withMaxBatchSize(int newMaxBatchSize) {
        return new EngineOptions(backend, newMaxBatchSize, slots, precision, device, properties);
    }
}
