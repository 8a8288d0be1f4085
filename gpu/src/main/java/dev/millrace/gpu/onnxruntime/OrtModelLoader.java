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
import dev.millrace.gpu.onnx.OnnxValue;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Opens a model in ONNX Runtime and settles in which shapes it is run. */
final class OrtModelLoader {
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
            int fixedRows = fixedRows(model);
            if (fixedRows == 0) {
                return open(model.proto(), model, 0);
            }
            Loaded fixed = open(model.proto(), model, fixedRows);
            return fixedRows == 1 && capacity > 1 ? freed(model, fixed) : fixed;
        } catch (OrtException e) {
            throw OrtFailure.atOpen(artifact.toString(), e);
        }
    }

    private Loaded open(ModelProto proto, OnnxModel model, int fixedRows)
            throws OrtException, EngineException {
        OrtSession session;
        try (SessionOptions options = process.sessionOptions(settings.threads())) {
            session = process.environment().createSession(proto.toByteArray(), options);
        }
        try {
            ModelSignature signature =
                    new SignatureResolver(process.environment(), session, model).resolve(fixedRows);
            OrtModel open = new OrtModel(process.environment(), session, signature);
            return new Loaded(session, open, shapes(open, fixedRows));
        } catch (OrtException | EngineException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private BatchShapes shapes(OrtModel model, int fixedRows) throws OrtException {
        if (fixedRows == 0 && !settings.padding()) {
            return BatchShapes.unpadded(capacity, "onnxruntime.padding is off");
        }
        return ExactnessProbe.choose(model, capacity, fixedRows);
    }

    /** The number of rows that the inputs insist on, or 0 where it is free. */
    private static int fixedRows(OnnxModel model) throws EngineException {
        List<OptionalInt> rows = model.inputs().stream().map(v -> v.shape().get(0)).toList();
        if (rows.stream().distinct().count() > 1) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "The inputs disagree about the number of rows, dimension 0: %s"
                            .formatted(
                                    model.inputs().stream()
                                            .map(OrtModelLoader::describeRows)
                                            .toList()));
        }
        return rows.isEmpty() ? 0 : rows.get(0).orElse(0);
    }

    private static String describeRows(OnnxValue input) {
        OptionalInt rows = input.shape().get(0);
        return input.name() + "=" + (rows.isPresent() ? rows.getAsInt() : "free");
    }

    /**
     * Many models are exported for one row but compute any number. Tries it: the same model with
     * its rows left free must give what one row at a time gives.
     */
    private Loaded freed(OnnxModel model, Loaded fixed) throws OrtException, EngineException {
        Loaded free;
        try {
            free = open(withFreeRows(model.proto()), model, 0);
        } catch (OrtException | EngineException e) {
            return fixed;
        }
        if (RowAgreement.holds(fixed.model(), free.model())) {
            fixed.session().close();
            return free;
        }
        free.session().close();
        return fixed;
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
