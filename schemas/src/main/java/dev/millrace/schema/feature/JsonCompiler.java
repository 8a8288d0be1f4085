package dev.millrace.schema.feature;

import dev.millrace.schema.PlainJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** Turns a spec's paths into the steps of a {@link JsonFeaturePlan}. Compile time only. */
final class JsonCompiler {
    private static final byte[] NONE = {};

    private final List<String> problems = new ArrayList<>();

    private JsonCompiler() {}

    static JsonStep compile(FeatureSpec spec, Optional<Schema> schema) {
        PathNode paths = PathNode.of(spec);
        paths.allTargets().forEach(FeatureTarget::defaultImage);
        // What Avro could not read under this schema, JSON cannot either.
        schema.ifPresent(s -> FeatureCompiler.compile(s, s, spec));
        JsonCompiler compiler = new JsonCompiler();
        JsonStep root = compiler.step(paths, schema, NONE);
        if (!compiler.problems.isEmpty()) {
            throw new UnusableFeatureException(String.join("\n", compiler.problems));
        }
        return root;
    }

    private JsonStep step(PathNode node, Optional<Schema> schema, byte[] schemaDefault) {
        if (!node.targets().isEmpty() && !node.children().isEmpty()) {
            problems.add(
                    "Feature %s: it is to be a value and to hold %s"
                            .formatted(
                                    node.path(),
                                    node.children().values().iterator().next().path()));
        }
        Optional<Schema> enumeration = schema.flatMap(s -> branch(s, Schema.Type.ENUM));
        JsonTarget[] targets =
                node.targets().stream()
                        .map(target -> new JsonTarget(target, enumeration))
                        .toArray(JsonTarget[]::new);
        checkBytes(node, schema);
        JsonStep step = new JsonStep(node.path(), targets, schemaDefault);
        for (Map.Entry<String, PathNode> child : node.children().entrySet()) {
            add(step, child.getKey(), child.getValue(), schema);
        }
        return step;
    }

    private void add(JsonStep parent, String name, PathNode node, Optional<Schema> schema) {
        Optional<Schema.Field> field = schema.flatMap(s -> field(s, name));
        Optional<Schema> below =
                field.map(Schema.Field::schema)
                        .or(
                                () ->
                                        schema.flatMap(s -> branch(s, Schema.Type.MAP))
                                                .map(Schema::getValueType));
        JsonStep child = step(node, below, field.map(JsonCompiler::defaultValue).orElse(NONE));
        parent.children.add(child);
        parent.byName.put(name, child);
        field.ifPresent(f -> f.aliases().forEach(a -> parent.byName.putIfAbsent(a, child)));
    }

    private void checkBytes(PathNode node, Optional<Schema> schema) {
        boolean bytes =
                schema.flatMap(s -> branch(s, Schema.Type.BYTES))
                        .or(() -> schema.flatMap(s -> branch(s, Schema.Type.FIXED)))
                        .isPresent();
        boolean asValue =
                node.targets().stream()
                        .anyMatch(t -> t.feature().mapping() == FeatureMapping.VALUE);
        if (bytes && asValue) {
            problems.add(
                    "Feature %s: bytes come as base64 in JSON; map it as raw-elements or unsigned-bytes"
                            .formatted(node.path()));
        }
    }

    private static byte[] defaultValue(Schema.Field field) {
        if (!field.hasDefaultValue()) {
            return NONE;
        }
        return PlainJson.bytes(field.schema(), GenericData.get().getDefaultValue(field));
    }

    private static Optional<Schema.Field> field(Schema schema, String name) {
        return Branches.of(schema).stream()
                .filter(branch -> branch.getType() == Schema.Type.RECORD)
                .filter(branch -> branch.getField(name) != null)
                .map(branch -> branch.getField(name))
                .findFirst();
    }

    private static Optional<Schema> branch(Schema schema, Schema.Type type) {
        return Branches.of(schema).stream().filter(branch -> branch.getType() == type).findFirst();
    }
}
