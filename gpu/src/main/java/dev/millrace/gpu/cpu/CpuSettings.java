package dev.millrace.gpu.cpu;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import java.util.Map;

/**
 * The settings of this backend.
 *
 * @param layers how dense layers are computed, {@code cpu.kernels}: {@code vector}, {@code plain},
 *     or {@code auto}, the default: the Vector API where the JVM runs with it. Scores are the same.
 */
record CpuSettings(DenseLayers layers) {
    static CpuSettings of(EngineOptions options) throws EngineException {
        if (options.precision() != Precision.FP32) {
            throw refused("cpu scores in fp32 (asked for %s)".formatted(options.precision()));
        }
        if (options.device() != 0) {
            throw refused(
                    "cpu has one device, number 0 (asked for %d)".formatted(options.device()));
        }
        DenseLayers layers = DenseLayers.best();
        for (Map.Entry<String, String> setting : options.settingsOf(CpuEngine.BACKEND).entrySet()) {
            if (!setting.getKey().equals("kernels")) {
                throw refused(
                        "Unknown setting cpu.%s; there is cpu.kernels".formatted(setting.getKey()));
            }
            layers = layers(setting.getValue().strip());
        }
        return new CpuSettings(layers);
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
