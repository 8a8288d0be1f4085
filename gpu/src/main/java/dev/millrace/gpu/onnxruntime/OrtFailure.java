package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OrtException;
import dev.millrace.gpu.engine.EngineException;

/** What ONNX Runtime's errors mean to a caller. */
final class OrtFailure {
    private OrtFailure() {}

    /** An error while a model was loaded. */
    static EngineException atOpen(String model, OrtException e) {
        if (isOutOfMemory(e)) {
            return new EngineException(
                    EngineException.Kind.RETRYABLE,
                    "Not enough memory to open model %s: %s".formatted(model, e.getMessage()),
                    e);
        }
        return new EngineException(
                EngineException.Kind.MODEL,
                "ONNX Runtime cannot open model %s: %s".formatted(model, e.getMessage()),
                e);
    }

    /**
     * An error while a micro-batch was scored. The model ran when it was opened, so a node that
     * refuses to compute does so because of a record: an index out of range, an unknown category.
     */
    static EngineException atRun(int rows, OrtException e) {
        EngineException.Kind kind = kindAtRun(e);
        return new EngineException(
                kind, "A micro-batch of %d rows failed: %s".formatted(rows, e.getMessage()), e);
    }

    private static EngineException.Kind kindAtRun(OrtException e) {
        if (isOutOfMemory(e)) {
            return EngineException.Kind.RETRYABLE;
        }
        return switch (e.getCode()) {
            case ORT_FAIL, ORT_INVALID_ARGUMENT, ORT_RUNTIME_EXCEPTION, ORT_NOT_FOUND ->
                    EngineException.Kind.BAD_INPUT;
            case ORT_ENGINE_ERROR, ORT_EP_FAIL -> EngineException.Kind.RETRYABLE;
            case ORT_DEVICE_RESET -> EngineException.Kind.DEVICE_FATAL;
            case ORT_JAVA_UNKNOWN,
                    ORT_OK,
                    ORT_NO_SUCHFILE,
                    ORT_NO_MODEL,
                    ORT_INVALID_PROTOBUF,
                    ORT_MODEL_LOADED,
                    ORT_NOT_IMPLEMENTED,
                    ORT_INVALID_GRAPH,
                    ORT_MODEL_LOAD_CANCELED,
                    ORT_MODEL_REQUIRES_COMPILATION ->
                    EngineException.Kind.MODEL;
        };
    }

    private static boolean isOutOfMemory(OrtException e) {
        String message = e.getMessage() == null ? "" : e.getMessage();
        return message.contains("bad_alloc") || message.contains("Failed to allocate memory");
    }
}
