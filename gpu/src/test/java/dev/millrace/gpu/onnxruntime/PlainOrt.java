package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** ONNX Runtime as anybody would use it: the model as it is, arrays in, objects out. */
final class PlainOrt {
    private PlainOrt() {}

    /**
     * Runs a model once. Arrays of Java's primitive types or of strings, in the tensors' shapes.
     */
    static Map<String, Object> run(byte[] model, Map<String, Object> inputs) throws Exception {
        OrtEnvironment environment = OrtProcess.get().environment();
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try (OrtSession.SessionOptions options = OrtProcess.get().sessionOptions(1);
                OrtSession session = environment.createSession(model, options)) {
            for (Map.Entry<String, Object> input : inputs.entrySet()) {
                tensors.put(input.getKey(), OnnxTensor.createTensor(environment, input.getValue()));
            }
            Map<String, Object> outputs = new HashMap<>();
            try (OrtSession.Result result = session.run(tensors)) {
                for (String name : session.getOutputNames()) {
                    Optional<ai.onnxruntime.OnnxValue> value = result.get(name);
                    outputs.put(name, value.orElseThrow().getValue());
                }
            }
            return outputs;
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }
}
