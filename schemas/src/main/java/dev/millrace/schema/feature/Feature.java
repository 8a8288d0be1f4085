package dev.millrace.schema.feature;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One field of a record and how it feeds a tensor. Immutable; the {@code with} methods give copies.
 *
 * <p>The path names nested fields with dots ({@code card.limit}) and keys of maps in the same way
 * ({@code features.amount}). A backslash takes the next character as it is: {@code features.a\.b}.
 */
public final class Feature implements Serializable {
    private final String path;
    private final List<String> segments;
    private final int elements;
    private final Object defaultValue;
    private final List<String> categories;
    private final FeatureMapping mapping;

    private Feature(
            String path,
            int elements,
            Object defaultValue,
            List<String> categories,
            FeatureMapping mapping) {
        this.path = path;
        this.segments = parse(path);
        this.elements = elements;
        this.defaultValue = defaultValue;
        this.categories = List.copyOf(categories);
        this.mapping = Objects.requireNonNull(mapping);
    }

    /** The field at a path, without a default. */
    public static Feature of(String path) {
        return new Feature(path, 0, null, List.of(), FeatureMapping.VALUE);
    }

    /** How many elements of the tensor it fills; needed where it is not the tensor's only one. */
    public Feature withElements(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "Feature %s must fill at least 1 element, not %d".formatted(path, count));
        }
        return new Feature(path, count, defaultValue, categories, mapping);
    }

    /** What stands for null and for a missing field: a number, in each of its elements. */
    public Feature withDefault(double value) {
        return new Feature(path, elements, value, categories, mapping);
    }

    /** What stands for null and for a missing field: an integer, in each of its elements. */
    public Feature withDefault(long value) {
        return new Feature(path, elements, value, categories, mapping);
    }

    /** What stands for null and for a missing field: a category. */
    public Feature withDefault(String value) {
        return new Feature(path, elements, Objects.requireNonNull(value), categories, mapping);
    }

    /**
     * The strings or enum symbols this field may have: each stands for its index. For a numeric
     * tensor; a {@link dev.millrace.schema.TensorType#CATEGORY} tensor brings its own.
     */
    public Feature withCategories(List<String> names) {
        return new Feature(path, elements, defaultValue, names, mapping);
    }

    public Feature withMapping(FeatureMapping newMapping) {
        return new Feature(path, elements, defaultValue, categories, newMapping);
    }

    /** The path as it was written. */
    public String path() {
        return path;
    }

    /** The path's names, from the record down. */
    public List<String> segments() {
        return segments;
    }

    /** How many elements it was said to fill; 0 where nothing was said. */
    public int elements() {
        return elements;
    }

    /** A {@link Double}, {@link Long} or {@link String}. */
    public Optional<Object> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    public List<String> categories() {
        return categories;
    }

    public FeatureMapping mapping() {
        return mapping;
    }

    @Override
    public String toString() {
        return path;
    }

    private static List<String> parse(String path) {
        List<String> segments = new ArrayList<>();
        StringBuilder segment = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '.') {
                segments.add(segment.toString());
                segment.setLength(0);
            } else if (c == '\\' && i + 1 < path.length()) {
                segment.append(path.charAt(++i));
            } else {
                segment.append(c);
            }
        }
        segments.add(segment.toString());
        if (segments.contains("")) {
            throw new IllegalArgumentException(
                    "Path '%s' has an empty name; write field.nested, and \\. for a dot in a name"
                            .formatted(path));
        }
        return List.copyOf(segments);
    }
}
