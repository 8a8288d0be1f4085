package dev.millrace.gpu.engine;

import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * How to open an engine.
 *
 * @param backend a backend's name, or {@link #AUTO}
 * @param maxBatchSize rows per slot
 * @param slots number of slots; at least two, so that one fills while another is scored
 * @param precision the arithmetic asked for
 * @param device ordinal of the device for backends that have several
 * @param properties settings of one backend, keyed {@code backend.setting}, and of every backend,
 *     keyed {@code model.setting} (see {@link #dimension}); unknown ones are refused
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

    /** Before the name of a free dimension in {@link #properties()}. */
    public static final String DIMENSION_PREFIX = "model.dimension.";

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

    /**
     * The size to give to a dimension that the model leaves free beside the rows, from the property
     * {@code model.dimension.NAME}: a sequence length, for example.
     *
     * @param name the dimension's name in the model, or {@code input.axis} where it has none
     */
    public OptionalInt dimension(String name) {
        String key = DIMENSION_PREFIX + name;
        String value = properties.get(key);
        if (value == null) {
            return OptionalInt.empty();
        }
        try {
            int size = Integer.parseInt(value.strip());
            if (size >= 1) {
                return OptionalInt.of(size);
            }
        } catch (NumberFormatException e) {
            // Falls through to the message below.
        }
        throw new IllegalArgumentException(
                key + " must be a whole number of at least 1: '" + value + "'");
    }

    /** The settings of one backend, without the prefix. */
    public Map<String, String> settingsOf(String backendName) {
        Map<String, String> settings = new TreeMap<>();
        String prefix = backendName + ".";
        properties.forEach(
                (key, value) -> {
                    if (key.startsWith(prefix)) {
                        settings.put(key.substring(prefix.length()), value);
                    }
                });
        return settings;
    }

    public EngineOptions withBackend(String newBackend) {
        return new EngineOptions(newBackend, maxBatchSize, slots, precision, device, properties);
    }

    public EngineOptions withMaxBatchSize(int newMaxBatchSize) {
        return new EngineOptions(backend, newMaxBatchSize, slots, precision, device, properties);
    }
}
