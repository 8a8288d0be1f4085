package dev.millrace.schema.feature;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;

/** Says whether values of a schema can feed a feature, and if not, why and what to do. */
final class FeatureFit {
    private static final Set<String> DECIMALS = Set.of("decimal", "big-decimal");

    private FeatureFit() {}

    /** Why a value of this schema (no union) cannot feed what is wanted at a path. */
    static Optional<String> problem(Schema schema, PathNode node) {
        boolean container =
                schema.getType() == Schema.Type.RECORD || schema.getType() == Schema.Type.MAP;
        if (!node.children().isEmpty() && !container) {
            return Optional.of(
                    "Feature %s: %s is a %s, a path cannot go on below it"
                            .formatted(
                                    node.allTargets().get(0).feature().path(),
                                    node.path(),
                                    Branches.describe(schema)));
        }
        return node.targets().stream()
                .map(target -> problem(schema, target))
                .flatMap(Optional::stream)
                .map(reason -> "Feature %s: %s".formatted(node.path(), reason))
                .findFirst();
    }

    static Optional<String> problem(Schema schema, FeatureTarget target) {
        boolean bytes =
                schema.getType() == Schema.Type.BYTES || schema.getType() == Schema.Type.FIXED;
        if (target.feature().mapping() != FeatureMapping.VALUE && !bytes) {
            return Optional.of(
                    "mapped as %s, which takes bytes or fixed, not %s"
                            .formatted(mapping(target), Branches.describe(schema)));
        }
        return switch (schema.getType()) {
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN -> number(schema, target);
            case STRING -> string(target);
            case ENUM -> single(schema, target);
            case BYTES, FIXED -> bytes(schema, target);
            case ARRAY -> array(schema, target);
            case RECORD, MAP ->
                    Optional.of(
                            "a %s is no value; name a field of it, as in %s.FIELD"
                                    .formatted(Branches.describe(schema), target.feature().path()));
            case NULL -> Optional.of("is always null");
            case UNION ->
                    Branches.of(schema).stream().allMatch(b -> problem(b, target).isPresent())
                            ? problem(Branches.of(schema).get(0), target)
                            : Optional.empty();
        };
    }

    private static Optional<String> number(Schema schema, FeatureTarget target) {
        if (target.takesStrings()) {
            return Optional.of(
                    "is a %s, but input %s takes strings it knows (categories); name a string or an enum"
                            .formatted(Branches.describe(schema), target.layout().name()));
        }
        return single(schema, target);
    }

    private static Optional<String> string(FeatureTarget target) {
        if (!target.takesStrings()) {
            return Optional.of(
                    "is a string, but input %s takes numbers (%s); list its categories, of which each then stands for its index"
                            .formatted(target.layout().name(), target.type()));
        }
        return single(Schema.create(Schema.Type.STRING), target);
    }

    private static Optional<String> single(Schema schema, FeatureTarget target) {
        if (target.elements() == 1) {
            return Optional.empty();
        }
        return Optional.of(
                "is one %s, but is to fill %d elements of input %s"
                        .formatted(
                                Branches.describe(schema),
                                target.elements(),
                                target.layout().name()));
    }

    private static Optional<String> bytes(Schema schema, FeatureTarget target) {
        if (schema.getLogicalType() != null
                && DECIMALS.contains(schema.getLogicalType().getName())) {
            return Optional.of(
                    "is a decimal, which is not read; write it as double or as a long of its smallest unit");
        }
        if (target.takesStrings()) {
            return Optional.of(
                    "is bytes, but input %s takes strings it knows; name a string or an enum"
                            .formatted(target.layout().name()));
        }
        boolean unsigned = target.feature().mapping() == FeatureMapping.UNSIGNED_BYTES;
        int wanted = unsigned ? target.elements() : target.bytes();
        if (schema.getType() == Schema.Type.FIXED && schema.getFixedSize() != wanted) {
            return Optional.of(
                    "is fixed of %d bytes, but %d elements of %s as %s take %d"
                            .formatted(
                                    schema.getFixedSize(),
                                    target.elements(),
                                    target.type(),
                                    mapping(target),
                                    wanted));
        }
        return Optional.empty();
    }

    private static Optional<String> array(Schema schema, FeatureTarget target) {
        Schema item = schema.getElementType();
        if (Branches.of(item).stream().anyMatch(b -> b.getType() == Schema.Type.ARRAY)) {
            return nestedArray(item, target);
        }
        return problem(item, ArrayShape.item(target));
    }

    private static Optional<String> nestedArray(Schema item, FeatureTarget target) {
        if (ArrayShape.innerLength(target, item) < 1) {
            return Optional.of(
                    "is an array of arrays, which only fits an input of as many dimensions; %s has row shape %s"
                            .formatted(target.layout().name(), target.layout().rowShape()));
        }
        return problem(item, ArrayShape.inner(target, item));
    }

    private static String mapping(FeatureTarget target) {
        return target.feature().mapping().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
