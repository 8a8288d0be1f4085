package dev.millrace.schema.feature;

import dev.millrace.schema.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/** Holds a spec's paths against a schema and names every one that leads nowhere. */
final class PathCheck {
    private final Schema root;
    private final List<String> problems = new ArrayList<>();

    private PathCheck(Schema root) {
        this.root = root;
    }

    static void check(Schema schema, PathNode paths) {
        PathCheck check = new PathCheck(schema);
        if (schema.getType() != Schema.Type.RECORD) {
            throw new UnusableFeatureException(
                    "The schema is a %s, not a record: features have no fields to read"
                            .formatted(schema.getType().getName()));
        }
        check.visit(schema, paths);
        if (!check.problems.isEmpty()) {
            throw new UnusableFeatureException(String.join("\n", check.problems));
        }
    }

    private void visit(Schema schema, PathNode node) {
        for (Map.Entry<String, PathNode> child : node.children().entrySet()) {
            List<Schema> below = below(schema, child.getKey());
            if (below.isEmpty()) {
                problems.add(missing(schema, node, child.getKey(), child.getValue()));
            }
            below.forEach(next -> visit(next, child.getValue()));
        }
    }

    /** What a name leads to: several schemas where a union has several records. */
    private static List<Schema> below(Schema schema, String name) {
        List<Schema> found = new ArrayList<>();
        for (Schema branch : Branches.of(schema)) {
            if (branch.getType() == Schema.Type.MAP) {
                found.add(branch.getValueType());
            } else if (branch.getType() == Schema.Type.RECORD && branch.getField(name) != null) {
                found.add(branch.getField(name).schema());
            }
        }
        return found;
    }

    private String missing(Schema schema, PathNode parent, String name, PathNode child) {
        List<String> fields = Branches.fieldNames(schema);
        String where =
                parent.path().isEmpty()
                        ? "schema " + root.getFullName()
                        : "field " + parent.path() + " of schema " + root.getFullName();
        if (fields.isEmpty()) {
            return "Feature %s: %s is a %s and has no field %s; point the path at %s itself"
                    .formatted(child.path(), where, Branches.describe(schema), name, parent.path());
        }
        return "Feature %s: %s has no field %s%s"
                .formatted(child.path(), where, name, hint(name, fields));
    }

    private String hint(String name, List<String> fields) {
        Map<String, String> pathsByName = new TreeMap<>();
        collect(root, "", 0, pathsByName);
        if (pathsByName.containsKey(name)) {
            return "; there is a " + pathsByName.get(name);
        }
        return NearestName.of(name, fields)
                .map(nearest -> "; did you mean " + nearest + "?")
                .orElseGet(
                        () ->
                                "; it has "
                                        + String.join(
                                                ", ",
                                                fields.subList(0, Math.min(20, fields.size())))
                                        + (fields.size() > 20 ? ", …" : ""));
    }

    private static void collect(Schema schema, String prefix, int depth, Map<String, String> into) {
        if (depth > 4) {
            return;
        }
        for (Schema branch : Branches.of(schema)) {
            if (branch.getType() == Schema.Type.RECORD) {
                for (Schema.Field field : branch.getFields()) {
                    into.putIfAbsent(field.name(), prefix + field.name());
                    collect(field.schema(), prefix + field.name() + ".", depth + 1, into);
                }
            }
        }
    }
}
