package dev.millrace.gpu.lowering;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ControlOpsTest {
    private static final long SEED = 71;

    private final Random random = new Random(SEED);

    @Test
    void constantConditionsChooseABranch() throws Exception {
        for (long condition = 0; condition < 2; condition++) {
            OnnxModelBuilder model = new OnnxModelBuilder("branch");
            model.input("x", FLOAT, ROWS, 3).output("y", FLOAT);
            model.longs("number", new long[] {condition});
            model.node(
                    "Cast",
                    List.of("number"),
                    List.of("condition"),
                    OnnxModelBuilder.attribute("to", (long) DataType.BOOL.getNumber()));
            model.node(
                    "If",
                    List.of("condition"),
                    List.of("y"),
                    graph("then_branch", "Exp"),
                    graph("else_branch", "Neg"));
            Plan plan = Against.ort(model.artifact(), random).agrees();
            assertThat(plan.steps()).hasSize(1);
        }
    }

    private static AttributeProto graph(String name, String operator) {
        GraphProto branch =
                new OnnxModelBuilder(name)
                        .output("inner", FLOAT)
                        .node(operator, List.of("x"), List.of("inner"))
                        .graph();
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.GRAPH)
                .setG(branch)
                .build();
    }

    @Test
    void loopsOfConstantLengthAreUnrolled() throws Exception {
        OnnxModelBuilder body = new OnnxModelBuilder("body");
        body.input("turn", DataType.INT64).input("go", DataType.BOOL).input("a", FLOAT, ROWS, 3);
        body.output("on", DataType.BOOL).output("b", FLOAT);
        body.node("Identity", List.of("go"), List.of("on"));
        body.node("Add", List.of("a", "x"), List.of("b"));
        AttributeProto graph =
                AttributeProto.newBuilder()
                        .setName("body")
                        .setType(AttributeType.GRAPH)
                        .setG(body.graph())
                        .build();
        OnnxModelBuilder model = new OnnxModelBuilder("loop");
        model.input("x", FLOAT, ROWS, 3).output("y", FLOAT).longs("turns", new long[] {3});
        model.node("Loop", List.of("turns", "", "x"), List.of("y"), graph);
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void functionsOfTheModelAreCalled() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("function");
        model.input("x", FLOAT, ROWS, 3).output("y", FLOAT);
        ModelProto.Builder proto = ModelProto.parseFrom(model.build()).toBuilder();
        proto.getGraphBuilder()
                .addNode(
                        NodeProto.newBuilder()
                                .setDomain("local")
                                .setOpType("Leaky")
                                .addInput("x")
                                .addOutput("y")
                                .addAttribute(OnnxModelBuilder.attribute("slope", 0.3f)));
        NodeProto inner =
                NodeProto.newBuilder()
                        .setOpType("LeakyRelu")
                        .addInput("a")
                        .addOutput("b")
                        .addAttribute(
                                AttributeProto.newBuilder()
                                        .setName("alpha")
                                        .setRefAttrName("slope")
                                        .setType(AttributeType.FLOAT))
                        .build();
        OperatorSetIdProto standard = OperatorSetIdProto.newBuilder().setVersion(17).build();
        proto.addFunctions(
                FunctionProto.newBuilder()
                        .setDomain("local")
                        .setName("Leaky")
                        .addInput("a")
                        .addOutput("b")
                        .addAttribute("slope")
                        .addNode(inner)
                        .addOpsetImport(standard));
        proto.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("local").setVersion(1));
        byte[] bytes = proto.build().toByteArray();
        Against.ort(new ModelArtifact("function", "1", bytes, "function.onnx"), random).agrees();
    }
}
