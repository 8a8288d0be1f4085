package dev.millrace.schema.feature;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/** Looks through unions. */
final class Branches {
    private Branches() {}

    /** The branches of a union; of any other schema, itself. */
    static List<Schema> of(Schema schema) {
        return schema.isUnion() ? schema.getTypes() : List.of(schema);
    }

    /** The fields of the records a schema may be. */
    static List<String> fieldNames(Schema schema) {
        List<String> names = new ArrayList<>();
        for (Schema branch : of(schema)) {
            if (branch.getType() == Schema.Type.RECORD) {
                branch.getFields().forEach(field -> names.add(field.name()));
            }
        }
        return names;
    }

    /** A schema's type in words, for messages. */
    static String describe(Schema schema) {
        if (schema.isUnion()) {
            return schema.getTypes().stream()
                    .map(Branches::describe)
                    .collect(Collectors.joining(" or "));
        }
        String type = schema.getType().getName();
        if (schema.getLogicalType() != null) {
            return schema.getLogicalType().getName() + " (" + type + ")";
        }
        if (schema.getType() == Schema.Type.ARRAY) {
            return "array of " + describe(schema.getElementType());
        }
        return type;
    }
}
