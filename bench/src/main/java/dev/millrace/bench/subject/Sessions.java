package dev.millrace.bench.subject;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.bench.Workload;

/** ONNX Runtime as one opens it by hand, on one thread. */
final class Sessions {
    static final String INPUT = "features";
    static final String OUTPUT = "scores";

    private Sessions() {}

    static OrtSession open(Workload workload) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            return OrtEnvironment.getEnvironment()
                    .createSession(workload.model().content(), options);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not load the model", e);
        }
    }
}
