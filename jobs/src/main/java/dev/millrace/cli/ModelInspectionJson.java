package dev.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.inspection.ModelInspection;
import dev.millrace.gpu.inspection.ModelInspection.EngineAnswer;
import java.util.Locale;

/** An inspection of a model as JSON. */
final class ModelInspectionJson {
    private ModelInspectionJson() {}

    static String of(ModelInspection inspection) throws JsonProcessingException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        root.put("model", inspection.version().name());
        root.put("sha256", inspection.version().sha256());
        root.put("fileBytes", inspection.fileBytes());
        root.put("wholeModel", inspection.wholeModel());
        if (inspection.signature().isPresent()) {
            ModelSignature signature = inspection.signature().get();
            signature.inputs().forEach(s -> add(root.withArray("inputs"), s));
            signature.outputs().forEach(s -> add(root.withArray("outputs"), s));
            root.put("inputBytesPerRecord", signature.inputRowBytes());
            root.put("outputBytesPerRecord", signature.outputRowBytes());
        }
        inspection.operatorSets().forEach(root.putObject("operatorSets")::put);
        inspection.operators().forEach(root.putObject("operators")::put);
        root.put("parameters", inspection.parameters());
        root.put("parameterBytes", inspection.parameterBytes());
        inspection.operations().ifPresent(flops -> root.put("flopsPerRecord", flops));
        inspection
                .uncovered()
                .ifPresent(
                        uncovered -> {
                            ObjectNode node = root.putObject("notPortable");
                            node.put("node", uncovered.node());
                            node.put("operator", uncovered.operator());
                            node.put("reason", uncovered.reason());
                        });
        for (EngineAnswer answer : inspection.engines()) {
            ObjectNode engine = root.withArray("engines").addObject();
            engine.put("engine", answer.backend());
            engine.put("scores", answer.description().isPresent());
            answer.description()
                    .ifPresent(
                            d -> {
                                engine.put("device", d.device());
                                engine.put(
                                        "exactness", d.exactness().name().toLowerCase(Locale.ROOT));
                                engine.put(
                                        "precision", d.precision().name().toLowerCase(Locale.ROOT));
                            });
            engine.put("reason", answer.reason());
        }
        root.put("auto", inspection.chosen().map(EngineAnswer::backend).orElse(null));
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    }

    private static void add(ArrayNode array, TensorSpec spec) {
        ObjectNode node = array.addObject();
        node.put("name", spec.name());
        node.put("type", spec.type().name().toLowerCase(Locale.ROOT));
        spec.rowShape().forEach(node.putArray("shape")::add);
        spec.categories().forEach(node.putArray("categories")::add);
    }
}
