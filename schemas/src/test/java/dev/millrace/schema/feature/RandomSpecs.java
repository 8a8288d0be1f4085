package dev.millrace.schema.feature;

import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;

/** Random feature specs that fit a schema of {@link RandomSchemas}. */
final class RandomSpecs {
    private static final List<TensorType> NUMBERS =
            List.of(
                    TensorType.FLOAT32,
                    TensorType.FLOAT32,
                    TensorType.FLOAT32,
                    TensorType.FLOAT64,
                    TensorType.INT64,
                    TensorType.INT32,
                    TensorType.INT8,
                    TensorType.UINT8,
                    TensorType.UINT32,
                    TensorType.BOOL,
                    TensorType.FLOAT16,
                    TensorType.BFLOAT16);

    private final Random random;
    private final Map<TensorType, List<Feature>> scalars = new EnumMap<>(TensorType.class);
    private final List<TensorFeatures> tensors = new ArrayList<>();

    private final FeatureMapping rawMapping;

    RandomSpecs(Random random) {
        this(random, FeatureMapping.VALUE);
    }

    /** With the mapping that the format needs for bytes that hold elements. */
    RandomSpecs(Random random, FeatureMapping rawMapping) {
        this.random = random;
        this.rawMapping = rawMapping;
    }

    /** A spec with about half of the schema's usable fields; empty where there are none. */
    List<TensorFeatures> tensors(Schema schema) {
        scalars.clear();
        tensors.clear();
        visit(schema, "", 0);
        scalars.forEach(
                (type, features) ->
                        tensors.add(
                                new TensorFeatures(
                                        new TensorLayout(
                                                "t" + type, type, List.of(features.size())),
                                        features)));
        return List.copyOf(tensors);
    }

    private void visit(Schema schema, String path, int depth) {
        if (depth > 6) {
            return;
        }
        switch (schema.getType()) {
            case RECORD ->
                    schema.getFields()
                            .forEach(
                                    f ->
                                            visit(
                                                    f.schema(),
                                                    path.isEmpty()
                                                            ? f.name()
                                                            : path + "." + f.name(),
                                                    depth + 1));
            case MAP -> {
                visit(schema.getValueType(), path + ".k0", depth + 1);
                visit(schema.getValueType(), path + ".k3", depth + 1);
            }
            case UNION -> {
                for (Schema branch : schema.getTypes()) {
                    if (branch.getType() != Schema.Type.NULL) {
                        visit(branch, path, depth + 1);
                        return;
                    }
                }
            }
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN -> number(path);
            case STRING, ENUM -> category(schema, path);
            case BYTES -> raw(path, (Integer) schema.getObjectProp(RandomSchemas.LENGTH));
            case FIXED -> raw(path, schema.getFixedSize());
            case ARRAY -> array(schema, path);
            case NULL -> {}
        }
    }

    private void number(String path) {
        if (random.nextInt(3) == 0) {
            return;
        }
        TensorType type = NUMBERS.get(random.nextInt(NUMBERS.size()));
        scalars.computeIfAbsent(type, t -> new ArrayList<>()).add(defaulted(Feature.of(path)));
        if (random.nextInt(10) == 0) {
            scalars.computeIfAbsent(TensorType.FLOAT64, t -> new ArrayList<>())
                    .add(defaulted(Feature.of(path)));
        }
    }

    private Feature defaulted(Feature feature) {
        return random.nextInt(3) == 0 ? feature : feature.withDefault(1L);
    }

    private void category(Schema schema, String path) {
        int kind = random.nextInt(4);
        if (kind == 0) {
            return;
        }
        if (kind == 1) {
            List<String> names = List.of("a", "de", "fr", "café");
            scalars.computeIfAbsent(TensorType.FLOAT32, t -> new ArrayList<>())
                    .add(Feature.of(path).withCategories(names).withDefault("de"));
        } else if (kind == 2 || schema.getType() == Schema.Type.STRING) {
            tensors.add(
                    new TensorFeatures(
                            new TensorLayout(
                                    "c" + path,
                                    TensorType.CATEGORY,
                                    List.of(),
                                    List.of("漢字", "a", "de", "", "x".repeat(200))),
                            List.of(Feature.of(path).withDefault("nobody"))));
        } else {
            number(path);
        }
    }

    private void raw(String path, int bytes) {
        if (bytes == 0) {
            return;
        }
        boolean image = random.nextBoolean();
        TensorType type =
                image
                        ? TensorType.FLOAT32
                        : List.of(TensorType.FLOAT32, TensorType.UINT8, TensorType.INT16)
                                .get(random.nextInt(3));
        int elements = image ? bytes : bytes / type.bytes();
        Feature feature =
                defaulted(Feature.of(path))
                        .withMapping(image ? FeatureMapping.UNSIGNED_BYTES : rawMapping);
        tensors.add(
                new TensorFeatures(
                        new TensorLayout("b" + path, type, List.of(elements)), List.of(feature)));
    }

    private void array(Schema schema, String path) {
        Schema item = schema.getElementType();
        int length = (Integer) schema.getObjectProp(RandomSchemas.LENGTH);
        List<Integer> shape = List.of(length);
        if (item.getType() == Schema.Type.ARRAY) {
            int inner = (Integer) item.getObjectProp(RandomSchemas.LENGTH);
            shape = List.of(length, inner);
            item = item.getElementType();
            length *= inner;
        }
        boolean numbers =
                Branches.of(item).stream()
                        .anyMatch(
                                b ->
                                        switch (b.getType()) {
                                            case INT, LONG, FLOAT, DOUBLE, BOOLEAN -> true;
                                            case NULL,
                                                    STRING,
                                                    BYTES,
                                                    FIXED,
                                                    ENUM,
                                                    RECORD,
                                                    ARRAY,
                                                    MAP,
                                                    UNION ->
                                                    false;
                                        });
        if (numbers && length > 0) {
            TensorType type = NUMBERS.get(random.nextInt(NUMBERS.size()));
            tensors.add(
                    new TensorFeatures(
                            new TensorLayout("a" + path, type, shape),
                            List.of(defaulted(Feature.of(path)))));
        }
    }
}
