package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.onnx.OnnxModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Finds out what one record gets from a model by running it on one and on two rows: declared output
 * shapes are often free or wrong.
 */
final class SignatureResolver {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final OnnxModel model;
    private final List<TensorSpec> inputs = new ArrayList<>();

    SignatureResolver(OrtEnvironment environment, OrtSession session, OnnxModel model) {
        this.environment = environment;
        this.session = session;
        this.model = model;
        for (dev.millrace.gpu.onnx.OnnxValue input : model.inputs()) {
            inputs.add(
                    new TensorSpec(
                            input.name(),
                            input.type(),
                            input.shape().stream().skip(1).map(OptionalInt::getAsInt).toList(),
                            input.categories()));
        }
    }

    /**
     * @param fixedRows the number of rows the model insists on, or 0
     * @throws EngineException if the model does not run, or an output is not one per row
     */
    ModelSignature resolve(int fixedRows) throws EngineException, OrtException {
        OrtException failure = null;
        for (ProbeRows.Range range : ProbeRows.Range.values()) {
            try {
                return resolve(new ProbeRows(inputs, range), fixedRows);
            } catch (OrtException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private ModelSignature resolve(ProbeRows probe, int fixedRows)
            throws EngineException, OrtException {
        int fewer = fixedRows == 0 ? 1 : fixedRows;
        int more = fixedRows == 0 ? 2 : fixedRows;
        List<long[]> shapes = outputShapes(probe, fewer);
        List<long[]> largerShapes = outputShapes(probe, more);
        List<TensorSpec> outputs = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            dev.millrace.gpu.onnx.OnnxValue declared = model.outputs().get(i);
            long[] shape = shapes.get(i);
            long[] larger = largerShapes.get(i);
            List<Integer> rowShape = new ArrayList<>();
            boolean perRow =
                    shape.length > 0
                            && shape.length == larger.length
                            && shape[0] == fewer
                            && larger[0] == more;
            for (int axis = 1; perRow && axis < shape.length; axis++) {
                perRow = shape[axis] == larger[axis];
                rowShape.add(Math.toIntExact(shape[axis]));
            }
            if (!perRow) {
                throw notPerRow(declared.name(), fewer, shape, more, larger);
            }
            outputs.add(
                    new TensorSpec(
                            declared.name(), declared.type(), rowShape, declared.categories()));
        }
        return new ModelSignature(inputs, outputs);
    }

    private List<long[]> outputShapes(ProbeRows probe, int rows)
            throws EngineException, OrtException {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            List<ByteBuffer> memory = new ArrayList<>();
            for (TensorSpec input : inputs) {
                ByteBuffer buffer =
                        ByteBuffer.allocateDirect(rows * input.rowBytes())
                                .order(ByteOrder.nativeOrder());
                memory.add(buffer);
            }
            for (int row = 0; row < rows; row++) {
                probe.write(row % ProbeRows.ORDINARY, memory, row);
            }
            for (int i = 0; i < inputs.size(); i++) {
                TensorSpec input = inputs.get(i);
                OnnxJavaType type = OrtTypes.of(input.name(), input.type());
                long[] shape = new long[1 + input.rowShape().size()];
                shape[0] = rows;
                for (int axis = 1; axis < shape.length; axis++) {
                    shape[axis] = input.rowShape().get(axis - 1);
                }
                tensors.put(
                        input.name(),
                        OnnxTensor.createTensor(environment, memory.get(i), shape, type));
            }
            return shapes(tensors);
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private List<long[]> shapes(Map<String, OnnxTensor> tensors)
            throws EngineException, OrtException {
        List<long[]> shapes = new ArrayList<>();
        try (OrtSession.Result result = session.run(tensors)) {
            for (dev.millrace.gpu.onnx.OnnxValue output : model.outputs()) {
                OnnxValue value = result.get(output.name()).orElseThrow();
                if (!(value instanceof OnnxTensor tensor)) {
                    throw new EngineException(
                            EngineException.Kind.MODEL,
                            "Output '%s' is a %s, not a tensor"
                                    .formatted(output.name(), value.getType()));
                }
                shapes.add(tensor.getInfo().getShape());
            }
        }
        return shapes;
    }

    private static EngineException notPerRow(
            String name, int fewer, long[] shape, int more, long[] larger) {
        return new EngineException(
                EngineException.Kind.MODEL,
                "Output '%s' is not one value per row: its shape is %s for %d rows and %s for %d; remove it from the model's outputs"
                        .formatted(
                                name,
                                java.util.Arrays.toString(shape),
                                fewer,
                                java.util.Arrays.toString(larger),
                                more));
    }
}
