package dev.millrace.gpu.cpu;

import dev.millrace.gpu.interpreter.StepKernel;
import dev.millrace.gpu.interpreter.StepKernels;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import java.util.Optional;

/** The fast kernels of the CPU engine: dense layers and tree ensembles. */
final class FastKernels implements StepKernels {
    private final DenseLayers layers;

    FastKernels(DenseLayers layers) {
        this.layers = layers;
    }

    @Override
    public Optional<StepKernel> find(Plan plan, Step step, int outputRowElements, int maxRows) {
        if (step instanceof Step.Contraction contraction) {
            return new DenseMatcher(plan, contraction, outputRowElements).match(layers, maxRows);
        }
        if (step instanceof Step.TreeEnsemble ensemble
                && ScalarKind.of(plan.value(ensemble.input()).type()) == ScalarKind.F32
                && !plan.value(ensemble.input()).isConstant()) {
            int rowElements = plan.value(ensemble.input()).elements();
            return TreeKernel.match(ensemble, rowElements, outputRowElements);
        }
        return Optional.empty();
    }
}
