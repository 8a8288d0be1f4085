package dev.millrace.gpu.onnxruntime;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import java.util.Map;

/**
 * The settings of this backend.
 *
 * @param threads threads that compute one micro-batch, {@code onnxruntime.threads}, default 1: the
 *     engine's own thread
 * @param padding whether submissions may be padded to shapes that keep scores exact, {@code
 *     onnxruntime.padding}, default true
 */
record OnnxRuntimeSettings(int threads, boolean padding) {
    private static final int MAX_THREADS = 1024;

    static OnnxRuntimeSettings of(EngineOptions options) throws EngineException {
        if (options.precision() != Precision.FP32) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "onnxruntime scores in the arithmetic the model was exported with; leave the precision at fp32 (it is %s)"
                            .formatted(options.precision()));
        }
        if (options.device() != 0) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "onnxruntime scores on the CPU, which is device 0 (asked for %d)"
                            .formatted(options.device()));
        }
        return parse(options);
    }

    /** The settings alone, whatever precision and device are asked for. */
    static OnnxRuntimeSettings parse(EngineOptions options) throws EngineException {
        int threads = 1;
        boolean padding = true;
        for (Map.Entry<String, String> setting :
                options.settingsOf(OnnxRuntimeBackend.NAME).entrySet()) {
            String value = setting.getValue().strip();
            switch (setting.getKey()) {
                case "threads" -> threads = threads(value);
                case "padding" -> padding = flag(setting.getKey(), value);
                default ->
                        throw new EngineException(
                                EngineException.Kind.MODEL,
                                "Unknown setting onnxruntime.%s; there are onnxruntime.threads and onnxruntime.padding"
                                        .formatted(setting.getKey()));
            }
        }
        return new OnnxRuntimeSettings(threads, padding);
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
        throw new EngineException(
                EngineException.Kind.MODEL,
                "onnxruntime.threads must be a whole number in 1..%d: '%s'"
                        .formatted(MAX_THREADS, value));
    }

    private static boolean flag(String key, String value) throws EngineException {
        if (value.equals("true") || value.equals("false")) {
            return value.equals("true");
        }
        throw new EngineException(
                EngineException.Kind.MODEL,
                "onnxruntime.%s must be true or false: '%s'".formatted(key, value));
    }
}
