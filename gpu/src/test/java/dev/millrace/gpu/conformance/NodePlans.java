package dev.millrace.gpu.conformance;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.lowering.NotCoveredException;
import dev.millrace.gpu.lowering.PlanImporter;
import dev.millrace.gpu.model.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The plans of node tests, for tests that only compile them. */
public final class NodePlans {
    private NodePlans() {}

    /** Folder of node tests that a property or a variable names, if any. */
    static Optional<Path> namedFolder() {
        return Optional.ofNullable(System.getProperty("millrace.conformance"))
                .or(() -> Optional.ofNullable(System.getenv("MILLRACE_CONFORMANCE")))
                .map(Path::of);
    }

    /** The covered ones of that folder, by name; none where no folder is named. */
    public static Map<String, Plan> ofNamedFolder() throws Exception {
        Map<String, Plan> plans = new LinkedHashMap<>();
        if (namedFolder().isEmpty()) {
            return plans;
        }
        for (NodeTest test : NodeTest.below(namedFolder().orElseThrow())) {
            plan(test).ifPresent(plan -> plans.put(test.name(), plan));
        }
        return plans;
    }

    private static Optional<Plan> plan(NodeTest test) throws IOException {
        try {
            ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(test.model()));
            List<TensorProto> inputs = inputs(test.dataSets().get(0));
            return Optional.of(
                    plan(TestModel.of(test.name(), test.model().toString(), proto, inputs)));
        } catch (RefusedException | EngineException e) {
            return Optional.empty();
        }
    }

    private static List<TensorProto> inputs(Path dataSet) throws IOException {
        List<TensorProto> inputs = new ArrayList<>();
        for (int number = 0; ; number++) {
            Path file = dataSet.resolve("input_" + number + ".pb");
            if (!Files.exists(file)) {
                return inputs;
            }
            inputs.add(TensorProto.parseFrom(Files.readAllBytes(file)));
        }
    }

    private static Plan plan(TestModel model) throws EngineException {
        Map<String, String> dimensions = model.dimensionProperties(EngineOptions.DIMENSION_PREFIX);
        try {
            return PlanImporter.importModel(
                    model.artifact(),
                    new EngineOptions("cuda", 1, 1, Precision.FP32, 0, dimensions));
        } catch (NotCoveredException e) {
            if (model.inputs().containsKey(e.neededInput())) {
                return plan(model.withConstant(e.neededInput()));
            }
            throw e;
        }
    }
}
