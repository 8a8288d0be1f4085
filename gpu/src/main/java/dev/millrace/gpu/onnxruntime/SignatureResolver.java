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
import dev.millrace.gpu.onnxruntime.OrtModel.RowAxis;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;

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
                            input.shape().stream()
                                    .skip(model.wholeModel() ? 0 : 1)
                                    .map(OptionalInt::getAsInt)
                                    .toList(),
                            input.categories()));
        }
    }

    /**
     * Runs the model on invented rows.
     *
     * @throws EngineException if the model does not run, or an output is not one per row
     */
    ModelSignature resolve() throws EngineException, OrtException {
        OrtException failure = null;
        for (ProbeRows.Range range : ProbeRows.Range.values()) {
            try {
                ProbeRows probe = new ProbeRows(inputs, range);
                return new ModelSignature(
                        inputs, model.wholeModel() ? wholeOutputs(probe) : rowOutputs(probe));
            } catch (OrtException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private List<TensorSpec> wholeOutputs(ProbeRows probe) throws EngineException, OrtException {
        List<long[]> shapes = outputShapes(probe, 1);
        List<TensorSpec> outputs = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            outputs.add(spec(i, Arrays.stream(shapes.get(i))));
        }
        return outputs;
    }

    private List<TensorSpec> rowOutputs(ProbeRows probe) throws EngineException, OrtException {
        List<long[]> oneRow = outputShapes(probe, 1);
        List<long[]> twoRows = outputShapes(probe, 2);
        List<TensorSpec> outputs = new ArrayList<>();
        for (int i = 0; i < oneRow.size(); i++) {
            long[] expected = oneRow.get(i).clone();
            boolean perRow = expected.length > 0 && expected[0] == 1;
            if (perRow) {
                expected[0] = 2;
            }
            if (!perRow || !Arrays.equals(expected, twoRows.get(i))) {
                throw notPerRow(model.outputs().get(i).name(), oneRow.get(i), twoRows.get(i));
            }
            outputs.add(spec(i, Arrays.stream(expected).skip(1)));
        }
        return outputs;
    }

    private TensorSpec spec(int output, LongStream shape) {
        dev.millrace.gpu.onnx.OnnxValue declared = model.outputs().get(output);
        return new TensorSpec(
                declared.name(),
                declared.type(),
                shape.mapToInt(Math::toIntExact).boxed().toList(),
                declared.categories());
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
                RowAxis axis = model.wholeModel() ? RowAxis.NONE : RowAxis.LEADING;
                long[] shape = OrtModel.shape(input, axis, rows);
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

    private static EngineException notPerRow(String name, long[] oneRow, long[] twoRows) {
        return new EngineException(
                EngineException.Kind.MODEL,
                "Output '%s' is not one value per row: its shape is %s for one row and %s for two; remove it from the model's outputs"
                        .formatted(name, Arrays.toString(oneRow), Arrays.toString(twoRows)));
    }
}
