package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.onnx.OnnxValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Puts a plan together: outputs in their places, what nobody reads left out. */
final class Assembly {
    private final Builder builder;
    private final boolean wholeModel;

    Assembly(Builder builder, boolean wholeModel) {
        this.builder = builder;
        this.wholeModel = wholeModel;
    }

    Plan plan(List<TensorSpec> inputs, List<OnnxValue> declared, List<Val> outputs) {
        List<TensorSpec> specs = new ArrayList<>();
        for (int slot = 0; slot < outputs.size(); slot++) {
            specs.add(output(declared.get(slot), outputs.get(slot), slot));
        }
        Plan.RowMode mode = wholeModel ? Plan.RowMode.WHOLE_MODEL : Plan.RowMode.FIRST_DIMENSION;
        return trimmed(new ModelSignature(inputs, specs), mode);
    }

    private TensorSpec output(OnnxValue declared, Val value, int slot) {
        String name = declared.name();
        Refusal.unless(
                value.type == PlanImporter.computed(declared.type()),
                "output '%s' is declared as %s, but its node gives %s",
                name,
                declared.type(),
                value.type);
        Refusal.unless(
                value.rowCounts.length == 0,
                "output '%s' depends on the number of records; remove it from the model's outputs",
                name);
        Refusal.unless(
                wholeModel || (value.rowAxis == 0 && value.shape[0] == 1),
                "output '%s' is not one value per record (%s for one record); remove it from the model's outputs",
                name,
                Arrays.toString(value.shape));
        List<Integer> whole = Shapes.boxed(value.shape);
        List<Integer> shape = wholeModel ? whole : whole.subList(1, whole.size());
        PlanValue target =
                new PlanValue(
                        -1,
                        name,
                        declared.type(),
                        shape,
                        PlanValue.Role.OUTPUT,
                        slot,
                        Optional.empty());
        if (!isWholeIntermediate(value)) {
            builder.at("output '" + name + "'");
            Val place = builder.allocate(value.type, value.shape, value.rowAxis);
            builder.compute(value, place.view());
            builder.replace(place.view().value(), target);
        } else {
            builder.replace(value.view().value(), target);
        }
        return new TensorSpec(name, declared.type(), shape, declared.categories());
    }

    /** Whether the elements are all those of an intermediate value, in order. */
    private boolean isWholeIntermediate(Val value) {
        if (value.isDeferred()) {
            return false;
        }
        View view = value.view();
        PlanValue stored = builder.values().get(view.value());
        return stored.role() == PlanValue.Role.INTERMEDIATE
                && stored.type() == value.type
                && stored.elements() == value.elements()
                && new Access(view.value(), view.offset(), view.strides())
                        .isContiguous(Shapes.boxed(value.shape));
    }

    private Plan trimmed(ModelSignature signature, Plan.RowMode mode) {
        List<PlanValue> values = builder.values();
        boolean[] read = new boolean[values.size()];
        for (PlanValue value : values) {
            read[value.id()] = value.slot() >= 0;
        }
        List<Step> steps = new ArrayList<>();
        for (int i = builder.steps().size() - 1; i >= 0; i--) {
            Step step = builder.steps().get(i);
            boolean wanted = false;
            for (Access written : Accesses.written(step)) {
                wanted |= read[written.value()];
            }
            if (wanted) {
                step.inputs().forEach(access -> read[access.value()] = true);
                Accesses.written(step).forEach(access -> read[access.value()] = true);
                steps.add(0, step);
            }
        }
        int[] renumbered = new int[values.size()];
        List<PlanValue> kept = new ArrayList<>();
        for (PlanValue value : values) {
            if (read[value.id()]) {
                renumbered[value.id()] = kept.size();
                kept.add(Builder.renumbered(value, kept.size()));
            }
        }
        steps.replaceAll(step -> Accesses.mapped(step, renumbered));
        return new Plan(signature, mode, kept, steps);
    }
}
