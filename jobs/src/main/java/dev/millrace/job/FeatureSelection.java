package dev.millrace.job;

import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.job.config.FeatureSettings;
import dev.millrace.job.config.Nearest;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.feature.Feature;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.feature.TensorFeatures;
import dev.millrace.schema.feature.UnusableFeatureException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A pipeline's features, ready to be matched with a model. Travels with the job, because every
 * model version a task opens is matched anew.
 *
 * @param inputs the listed model inputs; none for "every input reads the field of its own name"
 */
record FeatureSelection(List<Input> inputs) implements Serializable {
    FeatureSelection {
        inputs = List.copyOf(inputs);
    }

    /**
     * One model input with its features.
     *
     * @param name the input; empty for the model's only one
     * @param line where the pipeline's file lists it
     */
    record Input(String name, List<Feature> features, int line) implements Serializable {
        Input {
            features = List.copyOf(features);
        }
    }

    static FeatureSelection of(FeatureSettings settings) {
        List<Input> inputs = new ArrayList<>();
        for (FeatureSettings.Input input : settings.inputs()) {
            List<Feature> features = new ArrayList<>();
            for (FeatureSettings.Feature feature : input.features()) {
                features.add(feature(feature));
            }
            inputs.add(new Input(input.name().orElse(""), features, input.line()));
        }
        return new FeatureSelection(inputs);
    }

    private static Feature feature(FeatureSettings.Feature setting) {
        Feature feature =
                Feature.of(setting.path())
                        .withCategories(setting.categories())
                        .withMapping(setting.mapping());
        if (setting.elements().isPresent()) {
            feature = feature.withElements(setting.elements().get());
        }
        return setting.fallback().isPresent()
                ? withDefault(feature, setting.fallback().get())
                : feature;
    }

    private static Feature withDefault(Feature feature, String text) {
        if (text.matches("[+-]?\\d{1,18}")) {
            return feature.withDefault(Long.parseLong(text));
        }
        if (text.equals("true") || text.equals("false")) {
            return feature.withDefault(text.equals("true") ? 1L : 0L);
        }
        try {
            return feature.withDefault(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return feature.withDefault(text);
        }
    }

    /**
     * The features of each input of a model, in the model's order.
     *
     * @throws UnusableFeatureException if pipeline and model do not fit
     */
    FeatureSpec forModel(ModelSignature signature) {
        List<TensorLayout> layouts = Layouts.of(signature.inputs());
        refuseUnknownInputs(layouts);
        List<TensorFeatures> tensors = new ArrayList<>();
        for (TensorLayout layout : layouts) {
            tensors.add(new TensorFeatures(layout, featuresOf(layout, layouts)));
        }
        return new FeatureSpec(tensors);
    }

    private List<Feature> featuresOf(TensorLayout layout, List<TensorLayout> layouts) {
        if (inputs.isEmpty()) {
            return List.of(Feature.of(layout.name().replace("\\", "\\\\").replace(".", "\\.")));
        }
        for (Input input : inputs) {
            if (input.name().equals(layout.name())
                    || (input.name().isEmpty() && layouts.size() == 1)) {
                return input.features();
            }
        }
        throw new UnusableFeatureException(
                inputs.get(0).name().isEmpty()
                        ? "the model has %d inputs (%s), so 'features' has to name them"
                                .formatted(layouts.size(), names(layouts))
                        : "model input '%s' has no features".formatted(layout.name()));
    }

    private void refuseUnknownInputs(List<TensorLayout> layouts) {
        List<String> names = layouts.stream().map(TensorLayout::name).toList();
        for (Input input : inputs) {
            if (!input.name().isEmpty() && !names.contains(input.name())) {
                throw new UnusableFeatureException(
                        "the model has no input '%s'%s; it has %s"
                                .formatted(
                                        input.name(),
                                        Nearest.to(input.name(), names)
                                                .map(", did you mean '%s'?"::formatted)
                                                .orElse(""),
                                        names(layouts)));
            }
        }
    }

    private static String names(List<TensorLayout> layouts) {
        return String.join(", ", layouts.stream().map(TensorLayout::name).toList());
    }

    /** Where the pipeline's file lists features; 0 where it does not. */
    int line() {
        return inputs.isEmpty() ? 0 : inputs.get(0).line();
    }
}
