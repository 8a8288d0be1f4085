package dev.millrace.gpu.cpu;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import java.util.Map;

/**
 * The settings of this backend.
 *
 * @param threads threads that score one micro-batch, {@code cpu.threads}, default 1: the engine's
 *     own thread. Scores are the same.
 * @param layers how dense layers are computed, {@code cpu.kernels}: {@code vector}, {@code plain},
 *     or {@code auto}, the default: the Vector API where the JVM runs with it. Scores are the same.
 */
record CpuSettings(int threads, DenseLayers layers) {
    private static final int MAX_THREADS = 1024;

    static CpuSettings of(EngineOptions options) throws EngineException {
        if (options.precision() != Precision.FP32) {
            throw refused("cpu scores in fp32 (asked for %s)".formatted(options.precision()));
        }
        if (options.device() != 0) {
            throw refused(
                    "cpu has one device, number 0 (asked for %d)".formatted(options.device()));
        }
        return parse(options);
    }

    /** The settings alone, whatever precision and device are asked for. */
    static CpuSettings parse(EngineOptions options) throws EngineException {
        int threads = 1;
        DenseLayers layers = DenseLayers.best();
        for (Map.Entry<String, String> setting : options.settingsOf(CpuEngine.BACKEND).entrySet()) {
            String value = setting.getValue().strip();
            switch (setting.getKey()) {
                case "threads" -> threads = threads(value);
                case "kernels" -> layers = layers(value);
                default ->
                        throw refused(
                                "Unknown setting cpu.%s; there are cpu.threads and cpu.kernels"
                                        .formatted(setting.getKey()));
            }
        }
        return new CpuSettings(threads, layers);
    }

    private static int threads(String value) throws EngineException {
        try {
            int threads = Integer.parseInt(value);
            if (threads >= 1 && threads <= MAX_THREADS) {
                return threads;
            }
        } catch (NumberFormatException e) {
            // Falls through to the message below.
        }
        throw refused(
                "cpu.threads must be a whole number in 1..%d: '%s'".formatted(MAX_THREADS, value));
    }

    private static DenseLayers layers(String value) throws EngineException {
        return switch (value) {
            case "auto" -> DenseLayers.best();
            case "plain" -> DenseLayers.PLAIN;
            case "vector" -> {
                if (!DenseLayers.hasVectors()) {
                    throw refused(
                            "cpu.kernels is vector, but the Vector API is off; start Java with --add-modules jdk.incubator.vector");
                }
                yield DenseLayers.VECTOR;
            }
            default ->
                    throw refused(
                            "cpu.kernels must be auto, vector or plain: '%s'".formatted(value));
        };
    }

    private static EngineException refused(String message) {
        return new EngineException(EngineException.Kind.MODEL, message);
    }
}
