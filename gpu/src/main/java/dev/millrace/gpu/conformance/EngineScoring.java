package dev.millrace.gpu.conformance;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.lowering.NotCoveredException;
import dev.millrace.gpu.lowering.PlanImporter;
import dev.millrace.gpu.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Opens an engine for the model, scores the test's rows as one micro-batch and closes it. */
final class EngineScoring implements Scoring {
    private final String backend;
    private final boolean portable;

    /**
     * @param portable whether the backend carries out the portable plan
     */
    EngineScoring(String backend, boolean portable) {
        this.backend = backend;
        this.portable = portable;
    }

    @Override
    public List<TestTensor> score(TestModel given)
            throws RefusedException, FailedException, InterruptedException {
        TestModel model = portable ? withNeededConstants(given) : given;
        Map<String, TestTensor> inputs = inputs(model);
        ModelArtifact artifact = model.artifact();
        EngineOptions options = options(model);
        boolean wholeModel;
        try {
            wholeModel = OnnxModel.read(artifact, options).wholeModel();
        } catch (EngineException e) {
            throw new RefusedException(e.getMessage(), e);
        }
        int rows = Feeds.of(null, wholeModel, inputs).rows();
        try (Engine engine = Engines.open(artifact, options.withMaxBatchSize(rows))) {
            return score(engine, new Feeds(engine.signature(), wholeModel, rows), inputs);
        } catch (EngineException e) {
            throw new RefusedException(e.getMessage(), e);
        }
    }

    private EngineOptions options(TestModel model) {
        Map<String, String> dimensions = model.dimensionProperties(EngineOptions.DIMENSION_PREFIX);
        return new EngineOptions(backend, 1, 1, Precision.FP32, 0, dimensions);
    }

    /** Makes constants of the inputs that the import asks to be constants. */
    private TestModel withNeededConstants(TestModel model) throws RefusedException {
        try {
            PlanImporter.importModel(model.artifact(), options(model));
            return model;
        } catch (NotCoveredException e) {
            if (model.inputs().containsKey(e.neededInput())) {
                return withNeededConstants(model.withConstant(e.neededInput()));
            }
            throw new RefusedException(e.getMessage(), e);
        } catch (EngineException e) {
            throw new RefusedException(e.getMessage(), e);
        }
    }

    private static Map<String, TestTensor> inputs(TestModel model) throws RefusedException {
        Map<String, TestTensor> inputs = new LinkedHashMap<>();
        for (Map.Entry<String, TensorProto> input : model.inputs().entrySet()) {
            String name = input.getKey();
            inputs.put(name, TestTensor.of(input.getValue(), "input '" + name + "'"));
        }
        return inputs;
    }

    private static List<TestTensor> score(
            Engine engine, Feeds feeds, Map<String, TestTensor> inputs)
            throws RefusedException, FailedException, InterruptedException {
        Slot slot = engine.slots().get(0);
        for (int i = 0; i < feeds.signature().inputs().size(); i++) {
            String name = feeds.signature().inputs().get(i).name();
            if (!inputs.containsKey(name)) {
                throw new RefusedException("the test gives nothing for input '" + name + "'");
            }
            feeds.write(i, inputs.get(name), slot.input(i));
        }
        CompletableFuture<EngineException> end = new CompletableFuture<>();
        engine.submit(
                slot,
                feeds.rows(),
                new CompletionListener() {
                    @Override
                    public void onScored(Slot scored) {
                        end.complete(null);
                    }

                    @Override
                    public void onFailed(Slot failed, EngineException failure) {
                        end.complete(failure);
                    }
                });
        EngineException failure = await(end);
        if (failure != null) {
            throw new FailedException(failure.getMessage(), failure);
        }
        List<TestTensor> outputs = new ArrayList<>();
        for (int i = 0; i < feeds.signature().outputs().size(); i++) {
            outputs.add(feeds.read(i, slot.output(i)));
        }
        return outputs;
    }

    private static EngineException await(CompletableFuture<EngineException> end)
            throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Completed with a value only", e);
        }
    }
}
