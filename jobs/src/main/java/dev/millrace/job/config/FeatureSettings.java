package dev.millrace.job.config;

import dev.millrace.schema.feature.FeatureMapping;
import java.util.List;
import java.util.Optional;

/**
 * Where the values of the model's inputs come from, as the pipeline says it; whether model and
 * schema agree is checked when the pipeline is planned.
 *
 * @param inputs one entry per model input that is listed; an entry without a name stands for the
 *     only input of the model
 */
public record FeatureSettings(List<Input> inputs) {
    public FeatureSettings {
        inputs = List.copyOf(inputs);
    }

    /** Every model input reads the field of its own name. */
    public static FeatureSettings auto() {
        return new FeatureSettings(List.of());
    }

    public boolean isAuto() {
        return inputs.isEmpty();
    }

    /**
     * One input of the model.
     *
     * @param name the model input; empty for the model's only one
     * @param features in the order of the input's columns
     * @param line counted from 1
     */
    public record Input(Optional<String> name, List<Feature> features, int line) {
        public Input {
            features = List.copyOf(features);
        }
    }

    /**
     * One field of a record, for one or more elements of the input.
     *
     * @param path field names from the record's root, joined by dots
     * @param fallback stands in for a null or missing value; without it such a record is a dead
     *     letter
     * @param elements how many elements it fills; empty for one, or all where it is the only field
     * @param categories strings whose index is the value; empty where the field is a number or the
     *     input brings its own
     * @param mapping how bytes become elements
     * @param line counted from 1
     */
    public record Feature(
            String path,
            Optional<String> fallback,
            Optional<Integer> elements,
            List<String> categories,
            FeatureMapping mapping,
            int line) {
        public Feature {
            categories = List.copyOf(categories);
        }
    }
}
