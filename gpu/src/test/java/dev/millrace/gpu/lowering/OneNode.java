package dev.millrace.gpu.lowering;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A model of one node, for comparing an operator with ONNX Runtime. */
final class OneNode {
    private final String operator;
    private final OnnxModelBuilder model;
    private final List<String> inputs = new ArrayList<>();
    private final List<AttributeProto> attributes = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();

    OneNode(String operator, int opset) {
        this.operator = operator;
        model = new OnnxModelBuilder(operator).opsets(opset, 3);
    }

    OneNode input(DataType type, int... shape) {
        model.input(next(), type, shape);
        return this;
    }

    /** A vector. */
    OneNode longs(long... elements) {
        model.longs(next(), elements, elements.length);
        return this;
    }

    OneNode scalar(long element) {
        model.longs(next(), new long[] {element});
        return this;
    }

    OneNode scalar(float element) {
        model.floats(next(), new float[] {element});
        return this;
    }

    OneNode tensor(long[] elements, long... shape) {
        model.longs(next(), elements, shape);
        return this;
    }

    OneNode tensor(float[] elements, long... shape) {
        model.floats(next(), elements, shape);
        return this;
    }

    /** Random numbers between 0.5 and 1.5. */
    OneNode weights(Random random, long... shape) {
        int count = 1;
        for (long extent : shape) {
            count *= (int) extent;
        }
        float[] elements = new float[count];
        for (int i = 0; i < count; i++) {
            elements[i] = 0.5f + random.nextFloat();
        }
        return tensor(elements, shape);
    }

    OneNode without() {
        inputs.add("");
        return this;
    }

    private String next() {
        inputs.add("x" + inputs.size());
        return inputs.get(inputs.size() - 1);
    }

    OneNode attribute(String name, long value) {
        attributes.add(OnnxModelBuilder.attribute(name, value));
        return this;
    }

    OneNode attribute(String name, float value) {
        attributes.add(OnnxModelBuilder.attribute(name, value));
        return this;
    }

    OneNode attribute(String name, String value) {
        attributes.add(OnnxModelBuilder.attribute(name, value));
        return this;
    }

    OneNode attribute(String name, long... values) {
        attributes.add(OnnxModelBuilder.attribute(name, values));
        return this;
    }

    OneNode output(DataType type) {
        outputs.add("y" + outputs.size());
        model.output(outputs.get(outputs.size() - 1), type);
        return this;
    }

    private OnnxModelBuilder built() {
        if (outputs.isEmpty()) {
            output(DataType.FLOAT);
        }
        return model.node(operator, inputs, outputs, attributes.toArray(new AttributeProto[0]));
    }

    Against against(Random random) throws Exception {
        return Against.ort(built().artifact(), random);
    }

    Plan agrees(Random random) throws Exception {
        return against(random).agrees();
    }

    /** Why the plan refuses the model. */
    NotCoveredException refusal() {
        try {
            PlanImporter.importModel(built().artifact(), EngineOptions.of("cpu", 1, 1));
        } catch (NotCoveredException e) {
            return e;
        } catch (EngineException e) {
            throw new AssertionError("Not a refusal of the plan", e);
        }
        throw new AssertionError("Not refused");
    }
}
