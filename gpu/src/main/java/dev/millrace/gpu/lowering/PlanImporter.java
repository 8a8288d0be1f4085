package dev.millrace.gpu.lowering;

import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.onnx.OnnxModel;
import dev.millrace.gpu.onnx.OnnxValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Makes the portable plan of an ONNX model, or says what stands in the way. */
public final class PlanImporter {
    private static final Operators OPERATORS = new Operators();

    private PlanImporter() {}

    /**
     * Imports a model.
     *
     * @param options for the sizes of free dimensions, {@link EngineOptions#dimension}
     * @throws NotCoveredException if the plan cannot express the model
     * @throws EngineException of kind MODEL if the file is not a usable ONNX model
     */
    public static Plan importModel(ModelArtifact artifact, EngineOptions options)
            throws EngineException {
        OnnxModel model = OnnxModel.read(artifact, options);
        try {
            return lower(model);
        } catch (Refusal refusal) {
            throw new NotCoveredException(
                    message(artifact, refusal),
                    refusal.node(),
                    refusal.operator(),
                    refusal.neededInput());
        } catch (RuntimeException e) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "%s is malformed: %s".formatted(artifact.origin(), e),
                    e);
        }
    }

    private static Plan lower(OnnxModel model) {
        Builder builder = new Builder();
        Map<String, Val> scope = new HashMap<>();
        List<TensorSpec> inputs = new ArrayList<>();
        for (OnnxValue input : model.inputs()) {
            Val value = input(builder, model, input, inputs.size());
            Refusal.unless(
                    scope.put(input.name(), value) == null,
                    "input '%s' is declared twice",
                    input.name());
            List<Integer> shape = Shapes.boxed(value.shape);
            inputs.add(
                    new TensorSpec(
                            input.name(),
                            input.type(),
                            model.wholeModel() ? shape : shape.subList(1, shape.size()),
                            input.categories()));
        }
        GraphLowering graphs =
                new GraphLowering(
                        OPERATORS,
                        builder,
                        new Functions(model.proto().getFunctionsList()),
                        opsets(model));
        List<Val> outputs = graphs.lower(model.proto().getGraph(), scope);
        return new Assembly(builder, model.wholeModel()).plan(inputs, model.outputs(), outputs);
    }

    private static Val input(Builder builder, OnnxModel model, OnnxValue input, int slot) {
        int[] shape = new int[input.shape().size()];
        for (int i = 0; i < shape.length; i++) {
            OptionalInt extent = input.shape().get(i);
            shape[i] = Shapes.extent(extent.orElse(1));
        }
        return builder.input(
                input.name(), input.type(), shape, model.wholeModel() ? Rows.NONE : 0, slot);
    }

    private static Map<String, Integer> opsets(OnnxModel model) {
        Map<String, Integer> opsets = new HashMap<>();
        for (OperatorSetIdProto opset : model.proto().getOpsetImportList()) {
            long version = opset.getVersion();
            Refusal.unless(
                    version > 0 && version < Integer.MAX_VALUE,
                    "version %d of operator set '%s' is none",
                    version,
                    opset.getDomain());
            opsets.put(Operators.standardDomain(opset.getDomain()), (int) version);
        }
        return opsets;
    }

    private static String message(ModelArtifact artifact, Refusal refusal) {
        String where =
                refusal.operator().isEmpty()
                        ? ""
                        : " node '%s' (%s):".formatted(refusal.node(), refusal.operator());
        String wayOut =
                refusal.neededInput().isEmpty()
                        ? "engine onnxruntime runs it"
                        : "make input '%s' a constant of the model, or use engine onnxruntime"
                                .formatted(refusal.neededInput());
        return "The portable plan does not cover %s:%s %s; %s"
                .formatted(artifact.origin(), where, refusal.getMessage(), wayOut);
    }

    /** The type that steps see: a string is the number of its category. */
    static ElementType computed(ElementType type) {
        return type == ElementType.CATEGORY ? ElementType.INT32 : type;
    }
}
