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

    private record LayerKey(Step.Contraction step, int group, int maxRows) {}

    /** Fewer outputs leave most lanes of a layer idle: the interpreter is as fast. */
    private static final int FEWEST_OUTPUTS = 4;

    /** Loading a layer for a single record pays off from so many positions on. */
    private static final int FEWEST_POSITIONS_OF_LOADED = 8;

    FastKernels(DenseLayers layers) {
        this.layers = layers;
    }

    @Override
    public int chunkElements() {
        return layers == DenseLayers.VECTOR ? 128 << 10 : StepKernels.super.chunkElements();
    }

    @Override
    public synchronized Optional<StepKernel> find(
            Plan plan, Step step, int outputRowElements, int maxRows) {
        if (step instanceof Step.Contraction contraction) {
            LayerKey key = new LayerKey(contraction, 0, maxRows);
            Optional<StepKernel> dense =
                    new DenseMatcher(plan, contraction, outputRowElements)
                            .match(maxRows, shape -> layer(key, shape));
            return dense.isPresent() ? dense : product(plan, contraction, outputRowElements);
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

    private Optional<StepKernel> product(Plan plan, Step.Contraction step, int outputRowElements) {
        Optional<Boolean> rectified = DenseMatcher.rectified(step.finish());
        boolean loaded = !plan.value(step.inputs().get(1)).isConstant();
        return Product.of(plan, step, outputRowElements)
                .filter(product -> product.outputs() >= FEWEST_OUTPUTS)
                .filter(product -> !loaded || product.positions() >= FEWEST_POSITIONS_OF_LOADED)
                .filter(product -> rectified.isPresent())
                .map(product -> product(product, step, loaded, rectified.get()));
    }

    private StepKernel product(
            Product product, Step.Contraction step, boolean loaded, boolean rectified) {
        int block = ProductKernel.block(product);
        DenseLayer[] made = new DenseLayer[loaded ? 1 : product.groups()];
        for (int i = 0; i < made.length; i++) {
            int group = i;
            Supplier<DenseLayer.Shape> shape =
                    () -> {
                        float[] weights =
                                loaded
                                        ? new float[product.terms() * product.outputs()]
                                        : product.weights(group);
                        float[] bias = product.hasBias() ? product.bias(group) : new float[0];
                        return new DenseLayer.Shape(
                                product.terms(),
                                product.outputs(),
                                weights,
                                bias,
                                rectified,
                                block);
                    };
            made[group] =
                    loaded
                            ? layers.create(shape.get())
                            : layer(new LayerKey(step, group, block), shape);
        }
        return new ProductKernel(product, made, loaded);
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
