package dev.millrace.schema.feature;

import dev.millrace.schema.TensorLayout;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One model input and the features that fill its row, in the order of its elements. A feature that
 * is the tensor's only one fills the whole row; beside others it fills one element unless it says
 * how many.
 */
public record TensorFeatures(TensorLayout layout, List<Feature> features) implements Serializable {
    public TensorFeatures {
        features = List.copyOf(features);
        int given = 0;
        for (Feature feature : features) {
            given = Math.addExact(given, elements(layout, features, feature));
        }
        if (given != layout.rowElements()) {
            throw new UnusableFeatureException(
                    "Input %s takes %d elements a record %s, its %d features give %d: %s"
                            .formatted(
                                    layout.name(),
                                    layout.rowElements(),
                                    layout.rowShape(),
                                    features.size(),
                                    given,
                                    features.stream()
                                            .limit(50)
                                            .map(Feature::path)
                                            .collect(Collectors.joining(", "))));
        }
    }

    /** How many elements a feature of this tensor fills. */
    int elements(Feature feature) {
        return elements(layout, features, feature);
    }

    private static int elements(TensorLayout layout, List<Feature> features, Feature feature) {
        if (feature.elements() > 0) {
            return feature.elements();
        }
        return features.size() == 1 ? layout.rowElements() : 1;
    }
}
