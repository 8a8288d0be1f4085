package dev.millrace.gpu.inspection;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.inspection.ModelInspection.EngineAnswer;
import dev.millrace.gpu.inspection.ModelInspection.Uncovered;
import dev.millrace.gpu.lowering.NotCoveredException;
import dev.millrace.gpu.lowering.PlanImporter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.onnx.OnnxModel;
import dev.millrace.gpu.onnx.OnnxTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Finds out what a model is. Opens every engine that covers it, with small slots, and closes it.
 */
public final class ModelInspector {
    private static final int ROWS = 64;

    private final ModelArtifact artifact;
    private final EngineOptions options;
    private final Map<String, Integer> operators = new TreeMap<>();
    private final List<EngineAnswer> engines = new ArrayList<>();
    private Optional<ModelSignature> signature = Optional.empty();
    private long parameters;
    private long parameterBytes;

    private ModelInspector(ModelArtifact artifact, EngineOptions options) {
        this.artifact = artifact;
        this.options = options.withMaxBatchSize(Math.min(ROWS, options.maxBatchSize()));
    }

    /**
     * Inspects a model.
     *
     * @throws EngineException of kind MODEL if the file is not a usable ONNX model
     */
    public static ModelInspection inspect(ModelArtifact artifact, EngineOptions options)
            throws EngineException {
        return new ModelInspector(artifact, options).inspect();
    }

    private ModelInspection inspect() throws EngineException {
        boolean wholeModel = OnnxModel.read(artifact, options).wholeModel();
        ModelProto model = parse();
        count(model.getGraph());
        OptionalLong operations = OptionalLong.empty();
        Optional<Uncovered> uncovered = Optional.empty();
        try {
            Plan plan = PlanImporter.importModel(artifact, options);
            operations = OptionalLong.of(PlanCost.operations(plan));
            signature = Optional.of(plan.signature());
        } catch (NotCoveredException e) {
            uncovered = Optional.of(new Uncovered(e.node(), e.operator(), e.getMessage()));
        }
        for (EngineBackend backend : Engines.backends()) {
            engines.add(ask(backend));
        }
        return new ModelInspection(
                artifact.version(),
                artifact.content().length,
                operatorSets(model),
                operators,
                parameters,
                parameterBytes,
                signature,
                wholeModel,
                operations,
                uncovered,
                List.copyOf(engines));
    }

    private ModelProto parse() throws EngineException {
        try {
            return ModelProto.parseFrom(artifact.content());
        } catch (InvalidProtocolBufferException e) {
            throw new EngineException(EngineException.Kind.MODEL, e.getMessage(), e);
        }
    }

    private EngineAnswer ask(EngineBackend backend) {
        EngineOptions own = options.withBackend(backend.name());
        EngineBackend.Coverage coverage = backend.examine(artifact, own);
        if (!coverage.covered()) {
            return new EngineAnswer(backend.name(), Optional.empty(), coverage.reason());
        }
        try (Engine engine = backend.open(artifact, own, coverage.reason())) {
            if (signature.isEmpty()) {
                signature = Optional.of(engine.signature());
            }
            return new EngineAnswer(
                    backend.name(), Optional.of(engine.description()), coverage.reason());
        } catch (EngineException e) {
            return new EngineAnswer(backend.name(), Optional.empty(), e.getMessage());
        }
    }

    private static Map<String, Long> operatorSets(ModelProto model) {
        Map<String, Long> versions = new TreeMap<>();
        for (OperatorSetIdProto opset : model.getOpsetImportList()) {
            String domain = opset.getDomain().isEmpty() ? "ai.onnx" : opset.getDomain();
            versions.put(domain, opset.getVersion());
        }
        return versions;
    }

    private void count(GraphProto graph) {
        graph.getInitializerList().forEach(this::count);
        for (NodeProto node : graph.getNodeList()) {
            boolean standard = node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
            String operator =
                    standard ? node.getOpType() : node.getDomain() + "." + node.getOpType();
            operators.merge(operator, 1, Integer::sum);
            node.getAttributeList().forEach(this::count);
        }
    }

    /**
     * Weights lie in attributes too: the trees of an ensemble, the coefficients of a regression.
     */
    private void count(AttributeProto attribute) {
        if (attribute.hasG()) {
            count(attribute.getG());
        }
        if (attribute.hasT()) {
            count(attribute.getT());
        }
        int floats = attribute.getFloatsCount();
        int integers = attribute.getIntsCount() > 1 ? attribute.getIntsCount() : 0;
        parameters += floats + (long) integers;
        parameterBytes += floats * (long) Float.BYTES + integers * (long) Long.BYTES;
    }

    private void count(TensorProto tensor) {
        long elements = 1;
        for (long dimension : tensor.getDimsList()) {
            elements *= dimension;
        }
        parameters += elements;
        parameterBytes +=
                elements
                        * OnnxTypes.elementType(tensor.getDataType())
                                .map(type -> type.bytes())
                                .orElse(0);
    }
}
