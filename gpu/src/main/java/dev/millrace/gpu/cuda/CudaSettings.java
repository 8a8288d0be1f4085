package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.compiler.KernelCache;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import java.nio.file.Path;
import java.util.Map;

/**
 * The settings of this backend.
 *
 * @param timeoutMs how long a micro-batch may stay on the device before the device counts as lost,
 *     {@code cuda.timeout-ms}, default 10000
 * @param fallback whether the CPU twin takes over from a lost device, {@code cuda.fallback}: {@code
 *     cpu}, the default, or {@code none}
 * @param kernelCache folder of compiled kernels, {@code cuda.kernel-cache}, default {@code
 *     ~/.cache/millrace/kernels}
 */
record CudaSettings(long timeoutMs, boolean fallback, Path kernelCache) {
    private static final long DEFAULT_TIMEOUT_MS = 10_000;
    private static final long MOST_TIMEOUT_MS = 86_400_000;

    static CudaSettings of(EngineOptions options) throws EngineException {
        if (options.precision() != Precision.FP32) {
            throw refused("cuda scores in fp32 (asked for %s)".formatted(options.precision()));
        }
        return parse(options);
    }

    /** The settings alone, whatever precision is asked for. */
    static CudaSettings parse(EngineOptions options) throws EngineException {
        long timeoutMs = DEFAULT_TIMEOUT_MS;
        boolean fallback = true;
        Path kernelCache = KernelCache.defaultFolder();
        for (Map.Entry<String, String> setting : options.settingsOf(CudaBackend.NAME).entrySet()) {
            String value = setting.getValue().strip();
            switch (setting.getKey()) {
                case "timeout-ms" -> timeoutMs = timeout(value);
                case "fallback" -> fallback = fallback(value);
                case "kernel-cache" -> kernelCache = Path.of(value);
                default ->
                        throw refused(
                                "Unknown setting cuda.%s; there are cuda.timeout-ms, cuda.fallback and cuda.kernel-cache"
                                        .formatted(setting.getKey()));
            }
        }
        return new CudaSettings(timeoutMs, fallback, kernelCache);
    }

    private static long timeout(String value) throws EngineException {
        try {
            long millis = Long.parseLong(value);
            if (millis >= 1 && millis <= MOST_TIMEOUT_MS) {
                return millis;
            }
        } catch (NumberFormatException e) {
            // Falls through to the message below.
        }
        throw refused(
                "cuda.timeout-ms must be a whole number in 1..%d: '%s'"
                        .formatted(MOST_TIMEOUT_MS, value));
    }

    private static boolean fallback(String value) throws EngineException {
        return switch (value) {
            case "cpu" -> true;
            case "none" -> false;
            default -> throw refused("cuda.fallback must be cpu or none: '%s'".formatted(value));
        };
    }

    private static EngineException refused(String message) {
        return new EngineException(EngineException.Kind.MODEL, message);
    }
}
