package dev.millrace.gpu.onnxruntime;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.onnx.OnnxModel;
import dev.millrace.gpu.onnxruntime.OrtModel.RowAxis;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a model in ONNX Runtime and settles in which shapes it is run. */
final class OrtModelLoader {
    private static final Logger LOG = LoggerFactory.getLogger(OrtModelLoader.class);

    private final ModelArtifact artifact;
    private final OrtProcess process;
    private final OnnxRuntimeSettings settings;
    private final int capacity;

    OrtModelLoader(
            ModelArtifact artifact,
            OrtProcess process,
            OnnxRuntimeSettings settings,
            int capacity) {
        this.artifact = artifact;
        this.process = process;
        this.settings = settings;
        this.capacity = capacity;
    }

    /**
     * An open model. Whoever gets it closes the session.
     *
     * @param session the session
     * @param model how to run it
     * @param shapes in which shapes
     */
    record Loaded(OrtSession session, OrtModel model, BatchShapes shapes) {}

    Loaded load(OnnxModel model) throws EngineException {
        try {
            Loaded loaded = open(model);
            return model.wholeModel() && capacity > 1 ? freed(model, loaded) : loaded;
        } catch (OrtException e) {
            throw OrtFailure.atOpen(artifact.toString(), e);
        }
    }

    private Loaded open(OnnxModel model) throws OrtException, EngineException {
        OrtSession session = session(model.proto());
        try {
            ModelSignature signature =
                    new SignatureResolver(process.environment(), session, model).resolve();
            RowAxis axis = model.wholeModel() ? RowAxis.NONE : RowAxis.LEADING;
            OrtModel open = new OrtModel(process.environment(), session, signature, axis);
            return new Loaded(session, open, shapes(open, model.wholeModel() ? 1 : capacity));
        } catch (OrtException | EngineException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private OrtSession session(ModelProto proto) throws OrtException {
        try (SessionOptions options = process.sessionOptions(settings.threads())) {
            return process.environment().createSession(proto.toByteArray(), options);
        }
    }

    private BatchShapes shapes(OrtModel model, int maxRows) throws OrtException {
        if (maxRows > 1 && !settings.padding()) {
            return BatchShapes.unpadded(maxRows, "onnxruntime.padding is off");
        }
        return ExactnessProbe.choose(model, maxRows);
    }

    /**
     * Many models are exported for one row but compute any number. Tries it: the same model with
     * its rows left free must give what one row at a time gives.
     */
    private Loaded freed(OnnxModel model, Loaded oneByOne) throws OrtException, EngineException {
        ModelSignature signature = oneByOne.model().signature();
        if (!canBeFreed(signature)) {
            return oneByOne;
        }
        OrtSession session = null;
        try {
            session = session(withFreeRows(model.proto()));
            OrtModel free = new OrtModel(process.environment(), session, signature, RowAxis.FIRST);
            if (RowAgreement.holds(oneByOne.model(), free)) {
                Loaded freed = new Loaded(session, free, shapes(free, capacity));
                session = null;
                oneByOne.session().close();
                return freed;
            }
        } catch (OrtException e) {
            LOG.debug("Model {} insists on one row at a time", artifact, e);
        } finally {
            if (session != null) {
                session.close();
            }
        }
        return oneByOne;
    }

    private static boolean canBeFreed(ModelSignature signature) {
        return Stream.concat(signature.inputs().stream(), signature.outputs().stream())
                .allMatch(spec -> !spec.rowShape().isEmpty() && spec.rowShape().get(0) == 1);
    }

    private static ModelProto withFreeRows(ModelProto proto) {
        ModelProto.Builder model = proto.toBuilder();
        GraphProto.Builder graph = model.getGraphBuilder().clearValueInfo();
        List<String> initializers =
                graph.getInitializerList().stream().map(t -> t.getName()).toList();
        IntStream.range(0, graph.getInputCount())
                .mapToObj(graph::getInputBuilder)
                .filter(input -> !initializers.contains(input.getName()))
                .forEach(OrtModelLoader::freeRows);
        return model.build();
    }

    private static void freeRows(ValueInfoProto.Builder input) {
        input.getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(0)
                .clearDimValue()
                .setDimParam("millrace_rows");
    }
}
