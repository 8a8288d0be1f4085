package dev.millrace.gpu.lowering;

import ai.onnx.proto.OnnxMl.GraphProto;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Branches and loops whose course does not depend on the record. */
final class ControlOps {
    /** A loop is unrolled. */
    private static final int MOST_TURNS = 1024;

    private ControlOps() {}

    static void register(Operators operators) {
        operators.standard("If", ControlOps::branch);
        operators.standard("Loop", ControlOps::loop);
    }

    private static void branch(NodeContext node) {
        Tensor condition = node.constant(0, "the condition");
        Refusal.unless(condition.elements() == 1, "the condition is not one truth value");
        GraphProto whenTrue = graph(node, "then_branch");
        GraphProto whenFalse = graph(node, "else_branch");
        List<Val> results = node.lower(condition.longAt(0) != 0 ? whenTrue : whenFalse, Map.of());
        Refusal.unless(results.size() == node.outputCount(), "the branch has other outputs");
        for (int i = 0; i < results.size(); i++) {
            node.output(i, results.get(i));
        }
    }

    private static GraphProto graph(NodeContext node, String name) {
        return node.graph(name).orElseThrow(() -> new Refusal("it has no " + name));
    }

    private static void loop(NodeContext node) {
        GraphProto body = graph(node, "body");
        long most = node.has(0) ? node.constantLong(0, "the number of turns") : Long.MAX_VALUE;
        boolean goesOn = !node.has(1) || isTrue(node.builder(), node.input(1));
        List<Val> carried = node.inputsFrom(2);
        int carriedCount = carried.size();
        int scanned = node.outputCount() - carriedCount;
        Refusal.unless(
                body.getInputCount() == 2 + carriedCount
                        && body.getOutputCount() == 1 + node.outputCount(),
                "its body has other inputs and outputs");
        List<List<Val>> scans = new ArrayList<>();
        for (int i = 0; i < scanned; i++) {
            scans.add(new ArrayList<>());
        }
        for (int turn = 0; goesOn && turn < most; turn++) {
            Refusal.unless(turn < MOST_TURNS, "it takes more than %d turns", MOST_TURNS);
            List<Val> results = node.lower(body, bindings(node, body, turn, carried));
            goesOn = isTrue(node.builder(), results.get(0));
            carried = results.subList(1, 1 + carriedCount);
            for (int i = 0; i < scanned; i++) {
                Val part = results.get(1 + carriedCount + i);
                scans.get(i).add(Views.unsqueeze(node.builder(), part, 0));
            }
        }
        for (int i = 0; i < carriedCount; i++) {
            node.output(i, carried.get(i));
        }
        for (int i = 0; i < scanned; i++) {
            int output = carriedCount + i;
            if (node.wants(output)) {
                Refusal.unless(!scans.get(i).isEmpty(), "a loop of no turns gathers outputs");
                node.output(output, Joining.concat(node.builder(), scans.get(i), 0));
            }
        }
    }

    private static Map<String, Val> bindings(
            NodeContext node, GraphProto body, int turn, List<Val> carried) {
        Builder builder = node.builder();
        Map<String, Val> bindings = new HashMap<>();
        Tensor number = Tensor.of(ElementType.INT64, List.of(), new long[] {turn});
        Tensor yes = Tensor.of(ElementType.BOOL, List.of(), new long[] {1});
        bindings.put(body.getInput(0).getName(), builder.constant(number));
        bindings.put(body.getInput(1).getName(), builder.constant(yes));
        for (int i = 0; i < carried.size(); i++) {
            builder.view(carried.get(i));
            bindings.put(body.getInput(2 + i).getName(), carried.get(i));
        }
        return bindings;
    }

    private static boolean isTrue(Builder builder, Val condition) {
        Tensor tensor = builder.required(condition, "the condition to go on");
        Refusal.unless(tensor.elements() == 1, "the condition is not one truth value");
        return tensor.longAt(0) != 0;
    }
}
