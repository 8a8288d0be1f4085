package dev.millrace.gpu.lowering;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Lowers the nodes of a graph that its outputs need, one after another. */
final class GraphLowering {
    /** Graphs within graphs, functions within functions. */
    private static final int MOST_DEPTH = 32;

    /** An elementwise computation of so many nodes is repeated rather than stored. */
    private static final int CHEAP_NODES = 4;

    private final Operators operators;
    private final Builder builder;
    private final Functions functions;
    private Map<String, Integer> opsets;
    private int depth;

    /**
     * @param functions those of the model
     * @param opsets version of each operator set that the model imports
     */
    GraphLowering(
            Operators operators,
            Builder builder,
            Functions functions,
            Map<String, Integer> opsets) {
        this.functions = functions;
        this.operators = operators;
        this.builder = builder;
        this.opsets = opsets;
    }

    /**
     * Lowers a graph.
     *
     * @param scope what is known by name; grows
     * @return the graph's outputs
     */
    List<Val> lower(GraphProto graph, Map<String, Val> scope) {
        Refusal.unless(depth < MOST_DEPTH, "graphs lie in each other too deeply");
        Refusal.unless(graph.getSparseInitializerCount() == 0, "sparse constants are not covered");
        depth++;
        List<String> outputs = new ArrayList<>();
        for (ValueInfoProto output : graph.getOutputList()) {
            outputs.add(output.getName());
        }
        List<NodeProto> needed = needed(graph.getNodeList(), outputs);
        Map<String, Integer> uses = uses(needed, outputs);
        for (TensorProto tensor : graph.getInitializerList()) {
            if (uses.containsKey(tensor.getName())) {
                scope.put(tensor.getName(), builder.constant(TensorReader.read(tensor)));
            }
        }
        for (NodeProto node : needed) {
            lower(node, scope, uses);
        }
        List<Val> results = new ArrayList<>();
        for (String output : outputs) {
            Val value = scope.get(output);
            Refusal.unless(value != null, "output '%s' is not computed by any node", output);
            results.add(value);
        }
        depth--;
        return results;
    }

    private void lower(NodeProto node, Map<String, Val> scope, Map<String, Integer> uses) {
        String operator = Operators.qualified(node.getDomain(), node.getOpType());
        builder.at(describe(node));
        try {
            for (Map.Entry<String, Val> output : outputs(node, scope).entrySet()) {
                settle(output.getValue(), uses.getOrDefault(output.getKey(), 0));
                Val before = scope.put(output.getKey(), output.getValue());
                Refusal.unless(
                        before == null || depth > 1,
                        "its output '%s' is defined twice",
                        output.getKey());
            }
        } catch (Refusal refusal) {
            throw refusal.at(nameOf(node), operator);
        } catch (RuntimeException e) {
            throw Refusal.malformed(e).at(nameOf(node), operator);
        }
    }

    private Map<String, Val> outputs(NodeProto node, Map<String, Val> scope) {
        Optional<FunctionProto> function = functions.find(node);
        if (function.isPresent()) {
            return call(function.get(), node, scope);
        }
        Lowering lowering =
                operators
                        .find(node.getDomain(), node.getOpType())
                        .orElseThrow(() -> new Refusal("the portable plan has no such operator"));
        NodeContext context =
                new NodeContext(node, version(node.getDomain()), builder, this, scope);
        lowering.lower(context);
        return context.finish();
    }

    private Map<String, Val> call(FunctionProto function, NodeProto node, Map<String, Val> scope) {
        Map<String, Integer> outside = opsets;
        opsets = new HashMap<>(outside);
        for (OperatorSetIdProto opset : function.getOpsetImportList()) {
            opsets.put(
                    Operators.standardDomain(opset.getDomain()),
                    Math.toIntExact(opset.getVersion()));
        }
        Map<String, Val> inner = Functions.bindings(function, node, scope);
        inner.values().forEach(value -> settle(value, function.getNodeCount()));
        List<Val> results = lower(Functions.body(function, node), inner);
        opsets = outside;
        Map<String, Val> named = new HashMap<>();
        for (int i = 0; i < node.getOutputCount(); i++) {
            if (!node.getOutput(i).isEmpty()) {
                named.put(node.getOutput(i), results.get(i));
            }
        }
        return named;
    }

    /** Computes at once what several nodes need, unless that is cheaper to repeat. */
    private void settle(Val value, int uses) {
        if (uses > 1 && value.isDeferred() && !isCheap(value.deferred())) {
            builder.view(value);
        }
    }

    private static boolean isCheap(Deferred deferred) {
        return deferred.isElementwise()
                && ExprSize.of(deferred.expr()) <= CHEAP_NODES
                && !Exprs.any(deferred.expr(), GraphLowering::isExpensive);
    }

    private static boolean isExpensive(Expr expr) {
        return expr instanceof Expr.Search
                || (expr instanceof Expr.Unary unary
                        && unary.op() != UnaryOp.NEG
                        && unary.op() != UnaryOp.ABS
                        && unary.op() != UnaryOp.NOT);
    }

    private int version(String domain) {
        Integer version = opsets.get(Operators.standardDomain(domain));
        Refusal.unless(version != null, "the model imports no operators of '%s'", domain);
        return version;
    }

    private static String nameOf(NodeProto node) {
        if (!node.getName().isEmpty() || node.getOutputCount() == 0) {
            return node.getName();
        }
        return node.getOutput(0);
    }

    private static String describe(NodeProto node) {
        return node.getOpType() + " '" + nameOf(node) + "'";
    }

    /** The nodes whose outputs are used, in the graph's order. */
    private static List<NodeProto> needed(List<NodeProto> nodes, List<String> outputs) {
        Set<String> wanted = new HashSet<>(outputs);
        List<NodeProto> needed = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            NodeProto node = nodes.get(i);
            if (node.getOutputList().stream().anyMatch(wanted::contains)) {
                inputs(node).forEach(wanted::add);
                needed.add(withoutUnused(node, wanted));
            }
        }
        Collections.reverse(needed);
        return needed;
    }

    /** The node without the names of outputs that nobody uses. */
    private static NodeProto withoutUnused(NodeProto node, Set<String> wanted) {
        NodeProto.Builder changed = node.toBuilder();
        for (int i = 0; i < node.getOutputCount(); i++) {
            if (!wanted.contains(node.getOutput(i))) {
                changed.setOutput(i, "");
            }
        }
        return changed.build();
    }

    private static Map<String, Integer> uses(List<NodeProto> nodes, List<String> outputs) {
        Map<String, Integer> uses = new HashMap<>();
        outputs.forEach(name -> uses.merge(name, 1, Integer::sum));
        for (NodeProto node : nodes) {
            inputs(node).forEach(name -> uses.merge(name, 1, Integer::sum));
        }
        return uses;
    }

    /** Everything a node reads, by itself and in the graphs it holds. */
    private static List<String> inputs(NodeProto node) {
        List<String> inputs = new ArrayList<>(node.getInputList());
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                attribute.getG().getNodeList().forEach(inner -> inputs.addAll(inputs(inner)));
                attribute.getG().getOutputList().forEach(output -> inputs.add(output.getName()));
            }
        }
        return inputs;
    }
}
