package dev.millrace.gpu.engine;

import java.util.Locale;

/**
 * Which engine scores, on what, how exactly, and why this one.
 *
 * @param backend {@code cuda}, {@code cpu} or {@code onnxruntime}
 * @param device the device's name, for example {@code NVIDIA H100} or {@code CPU (AVX-512)}
 * @param precision the arithmetic
 * @param exactness how far the bits can be relied on
 * @param reason one sentence: why this backend was chosen
 */
public record EngineDescription(
        String backend, String device, Precision precision, Exactness exactness, String reason) {
    @Override
    public String toString() {
        return "%s on %s, %s, exactness %s: %s"
                .formatted(
                        backend,
                        device,
                        precision.name().toLowerCase(Locale.ROOT),
                        exactness.name().toLowerCase(Locale.ROOT),
                        reason);
    }
}
