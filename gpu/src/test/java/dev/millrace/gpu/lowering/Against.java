package dev.millrace.gpu.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.HalfFloats;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Storage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongUnaryOperator;

/** A model's plan, carried out by the interpreter, against ONNX Runtime on random rows. */
final class Against {
    /** What a random element may be. */
    enum Values {
        /** Both signs, around 1; small integers. */
        ORDINARY,
        /** Above 0. */
        POSITIVE,
        /** Between -1 and 1. */
        UNIT,
        /** Ordinary ones, and infinities, NaN, zeros of both signs, huge and tiny ones. */
        ADVERSARIAL
    }

    private static final float[] ODD = {
        Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, 1e-40f, -3e38f, 1e4f
    };

    private final ModelArtifact model;
    private final Plan plan;
    private final Random random;
    private Values values = Values.ORDINARY;
    private int rows = 3;
    private double relative = 1e-4;
    private double absolute = 1e-5;
    private LongUnaryOperator expectedInteger = LongUnaryOperator.identity();
    private long integersFrom = -4;
    private long integersTo = 5;

    private Against(ModelArtifact model, Plan plan, Random random) {
        this.model = model;
        this.plan = plan;
        this.random = random;
    }

    static Against ort(ModelArtifact model, Random random) throws EngineException {
        Plan plan = PlanImporter.importModel(model, EngineOptions.of("cpu", 1, 1));
        return new Against(model, plan, random);
    }

    Against with(Values kind) {
        values = kind;
        return this;
    }

    /** Integers of the inputs, from inclusive, to exclusive. */
    Against withIntegers(long from, long to) {
        integersFrom = from;
        integersTo = to;
        return this;
    }

    Against withRows(int count) {
        rows = count;
        return this;
    }

    Against within(double relativeTolerance, double absoluteTolerance) {
        relative = relativeTolerance;
        absolute = absoluteTolerance;
        return this;
    }

    /** What an integer of ONNX Runtime's must be here, where the two differ on purpose. */
    Against withExpected(LongUnaryOperator integer) {
        expectedInteger = integer;
        return this;
    }

    /** Compares and returns the plan. */
    Plan agrees() throws OrtException {
        boolean whole = plan.rowMode() == Plan.RowMode.WHOLE_MODEL;
        int count = whole ? 1 : rows;
        List<TensorSpec> inputs = plan.signature().inputs();
        List<TensorSpec> outputs = plan.signature().outputs();
        ByteBuffer[] in = buffers(inputs, count);
        for (int i = 0; i < in.length; i++) {
            fill(in[i], inputs.get(i));
        }
        ByteBuffer[] out = buffers(outputs, count);
        int fault = new PlanInterpreter(plan, count).run(in, out, 0, count);
        assertThat(fault).as("row at fault").isEqualTo(-1);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try (OrtSession session = environment.createSession(model.content())) {
            for (int i = 0; i < in.length; i++) {
                TensorSpec spec = inputs.get(i);
                tensors.put(spec.name(), tensor(environment, in[i], spec, whole, count));
            }
            try (OrtSession.Result result = session.run(tensors)) {
                for (int i = 0; i < out.length; i++) {
                    TensorSpec spec = outputs.get(i);
                    OnnxTensor expected = (OnnxTensor) result.get(spec.name()).orElseThrow();
                    assertThat(expected.getInfo().getShape())
                            .as("shape of %s", spec.name())
                            .isEqualTo(shape(spec, whole, count));
                    compare(spec, elements(expected, spec.type()), out[i]);
                }
            }
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
        return plan;
    }

    private static ByteBuffer elements(OnnxTensor tensor, ElementType type) {
        if (type == ElementType.BOOL) {
            return tensor.getByteBuffer();
        }
        return tensor.getByteBuffer().order(ByteOrder.nativeOrder());
    }

    private static ByteBuffer[] buffers(List<TensorSpec> specs, int rows) {
        ByteBuffer[] buffers = new ByteBuffer[specs.size()];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] =
                    ByteBuffer.allocateDirect(specs.get(i).rowBytes() * rows)
                            .order(ByteOrder.nativeOrder());
        }
        return buffers;
    }

    private static OnnxTensor tensor(
            OrtEnvironment environment, ByteBuffer buffer, TensorSpec spec, boolean whole, int rows)
            throws OrtException {
        OnnxJavaType type =
                switch (spec.type()) {
                    case FLOAT32 -> OnnxJavaType.FLOAT;
                    case FLOAT64 -> OnnxJavaType.DOUBLE;
                    case FLOAT16 -> OnnxJavaType.FLOAT16;
                    case BFLOAT16 -> OnnxJavaType.BFLOAT16;
                    case INT8 -> OnnxJavaType.INT8;
                    case UINT8 -> OnnxJavaType.UINT8;
                    case INT16 -> OnnxJavaType.INT16;
                    case INT32 -> OnnxJavaType.INT32;
                    case INT64 -> OnnxJavaType.INT64;
                    case BOOL -> OnnxJavaType.BOOL;
                    case UINT16, UINT32, UINT64, CATEGORY ->
                            throw new IllegalArgumentException("Not for tests: " + spec.type());
                };
        return OnnxTensor.createTensor(environment, buffer, shape(spec, whole, rows), type);
    }

    private static long[] shape(TensorSpec spec, boolean whole, int rows) {
        List<Long> shape = new ArrayList<>();
        if (!whole) {
            shape.add((long) rows);
        }
        spec.rowShape().forEach(extent -> shape.add((long) extent));
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    private void fill(ByteBuffer buffer, TensorSpec spec) {
        int bytes = spec.type().bytes();
        for (int position = 0; position < buffer.capacity(); position += bytes) {
            switch (ScalarKind.of(spec.type())) {
                case F32 -> Storage.writeFloat(buffer, spec.type(), position, element());
                case F64 -> buffer.putDouble(position, element());
                case I64 ->
                        Storage.writeLong(
                                buffer,
                                spec.type(),
                                position,
                                spec.type() == ElementType.BOOL
                                        ? random.nextInt(2)
                                        : random.nextLong(integersFrom, integersTo));
            }
        }
    }

    private float element() {
        return switch (values) {
            case ORDINARY -> (float) (random.nextGaussian() * 2);
            case POSITIVE -> (float) (random.nextDouble() * 4 + 1e-3);
            case UNIT -> (float) (random.nextDouble() * 2 - 1);
            case ADVERSARIAL ->
                    random.nextInt(3) > 0
                            ? (float) (random.nextGaussian() * 2)
                            : ODD[random.nextInt(ODD.length)];
        };
    }

    private void compare(TensorSpec spec, ByteBuffer expected, ByteBuffer actual) {
        int bytes = spec.type().bytes();
        assertThat(expected.remaining())
                .as("bytes of %s", spec.name())
                .isEqualTo(actual.capacity());
        for (int position = 0; position < actual.capacity(); position += bytes) {
            int index = position / bytes;
            String what = spec.name() + "[" + index + "]";
            switch (ScalarKind.of(spec.type())) {
                case F32 ->
                        close(
                                what,
                                Storage.readFloat(expected, spec.type(), position),
                                Storage.readFloat(actual, spec.type(), position),
                                spec.type());
                case F64 ->
                        close(
                                what,
                                expected.getDouble(position),
                                actual.getDouble(position),
                                spec.type());
                case I64 ->
                        assertThat(Storage.readLong(actual, spec.type(), position))
                                .as(what)
                                .isEqualTo(
                                        expectedInteger.applyAsLong(
                                                Storage.readLong(expected, spec.type(), position)));
            }
        }
    }

    private void close(String what, double expected, double actual, ElementType type) {
        if (Double.isNaN(expected) || Double.isInfinite(expected)) {
            assertThat(Double.valueOf(actual)).as(what).isEqualTo(Double.valueOf(expected));
            return;
        }
        double unit =
                switch (type) {
                    case FLOAT16 -> HalfFloats.fromFloat16((short) 0x1400);
                    case BFLOAT16 -> 0x1p-7;
                    default -> 0;
                };
        double tolerance = absolute + Math.max(relative, unit) * Math.abs(expected);
        assertThat(Math.abs(expected - actual))
                .as("%s: expected %s but was %s", what, expected, actual)
                .isLessThanOrEqualTo(tolerance);
    }
}
