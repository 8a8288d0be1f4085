package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A session with the signature of its model: runs a range of rows, from memory to memory. One
 * thread at a time. Does not own the session.
 */
final class OrtModel {
    /** How the rows of a block lie in the model's tensors. */
    enum RowAxis {
        /** The rows are a dimension before those of a row. */
        LEADING,
        /** There is no such dimension: a block is one row, and a row is the model's whole input. */
        NONE,
        /** A row has a first dimension of 1, which is as long as the block has rows. */
        FIRST
    }

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final ModelSignature signature;
    private final RowAxis rowAxis;
    private final List<OnnxJavaType> inputTypes = new ArrayList<>();
    private final List<OnnxJavaType> outputTypes = new ArrayList<>();

    OrtModel(
            OrtEnvironment environment,
            OrtSession session,
            ModelSignature signature,
            RowAxis rowAxis)
            throws EngineException {
        this.environment = environment;
        this.session = session;
        this.signature = signature;
        this.rowAxis = rowAxis;
        for (TensorSpec input : signature.inputs()) {
            inputTypes.add(OrtTypes.of(input.name(), input.type()));
        }
        for (TensorSpec output : signature.outputs()) {
            outputTypes.add(OrtTypes.of(output.name(), output.type()));
        }
    }

    ModelSignature signature() {
        return signature;
    }

    /**
     * Makes tensors of a range of rows in place. The caller closes them.
     *
     * @param inputs memory of the inputs, in the signature's order; row 0 at byte 0
     * @param outputs memory of the outputs
     */
    Rows bind(List<ByteBuffer> inputs, List<ByteBuffer> outputs, int firstRow, int rows)
            throws OrtException {
        Rows bound = new Rows();
        try {
            for (int i = 0; i < inputs.size(); i++) {
                TensorSpec spec = signature.inputs().get(i);
                bound.inputs.put(
                        spec.name(),
                        tensor(inputs.get(i), spec, inputTypes.get(i), firstRow, rows));
            }
            for (int i = 0; i < outputs.size(); i++) {
                TensorSpec spec = signature.outputs().get(i);
                bound.outputs.put(
                        spec.name(),
                        tensor(outputs.get(i), spec, outputTypes.get(i), firstRow, rows));
            }
            return bound;
        } catch (OrtException | RuntimeException e) {
            bound.close();
            throw e;
        }
    }

    private OnnxTensor tensor(
            ByteBuffer memory, TensorSpec spec, OnnxJavaType type, int firstRow, int rows)
            throws OrtException {
        long[] shape = shape(spec, rowAxis, rows);
        int rowBytes = spec.rowBytes();
        ByteBuffer range =
                memory.slice(firstRow * rowBytes, rows * rowBytes).order(ByteOrder.nativeOrder());
        return OnnxTensor.createTensor(environment, range, shape, type);
    }

    /** The shape of the tensor of so many rows. */
    static long[] shape(TensorSpec spec, RowAxis rowAxis, int rows) {
        int before = rowAxis == RowAxis.LEADING ? 1 : 0;
        long[] shape = new long[before + spec.rowShape().size()];
        for (int axis = before; axis < shape.length; axis++) {
            shape[axis] = spec.rowShape().get(axis - before);
        }
        if (rowAxis != RowAxis.NONE) {
            shape[0] = rows;
        }
        return shape;
    }

    /** Scores bound rows. */
    void run(Rows bound) throws OrtException {
        session.run(bound.inputs, bound.outputs).close();
    }

    /** The tensors of a range of rows. */
    static final class Rows implements AutoCloseable {
        private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();

        @Override
        public void close() {
            outputs.values().forEach(OnnxTensor::close);
            inputs.values().forEach(OnnxTensor::close);
        }
    }
}
