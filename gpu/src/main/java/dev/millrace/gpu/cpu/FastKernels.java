package dev.millrace.gpu.cpu;

import dev.millrace.gpu.interpreter.StepKernel;
import dev.millrace.gpu.interpreter.StepKernels;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The fast kernels of the CPU engine for one plan: dense layers and tree ensembles. Asked again for
 * the same step, it makes a kernel with the same packed weights.
 */
final class FastKernels implements StepKernels {
    private final DenseLayers layers;
    private final Map<LayerKey, DenseLayer> packedLayers = new HashMap<>();
    private final Map<Step, Optional<PackedTrees>> packedTrees = new HashMap<>();

    private record LayerKey(Step.Contraction step, int maxRows) {}

    FastKernels(DenseLayers layers) {
        this.layers = layers;
    }

    @Override
    public synchronized Optional<StepKernel> find(
            Plan plan, Step step, int outputRowElements, int maxRows) {
        if (step instanceof Step.Contraction contraction) {
            LayerKey key = new LayerKey(contraction, maxRows);
            return new DenseMatcher(plan, contraction, outputRowElements)
                    .match(maxRows, shape -> layer(key, shape));
        }
        if (step instanceof Step.TreeEnsemble ensemble
                && ScalarKind.of(plan.value(ensemble.input()).type()) == ScalarKind.F32
                && !plan.value(ensemble.input()).isConstant()) {
            int rowElements = plan.value(ensemble.input()).elements();
            return packedTrees
                    .computeIfAbsent(ensemble, wanted -> TreeKernel.pack(ensemble.trees()))
                    .map(
                            packed ->
                                    new TreeKernel(
                                            ensemble, packed, rowElements, outputRowElements));
        }
        return Optional.empty();
    }

    private DenseLayer layer(LayerKey key, Supplier<DenseLayer.Shape> shape) {
        DenseLayer known = packedLayers.get(key);
        if (known != null) {
            return known.sibling();
        }
        DenseLayer made = layers.create(shape.get());
        packedLayers.put(key, made);
        return made;
    }
}
