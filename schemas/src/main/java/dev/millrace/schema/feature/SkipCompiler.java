package dev.millrace.schema.feature;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * Writes the steps that skip a value. Records become subprograms, one per type, so that types that
 * hold themselves end and types that hold others many times stay small.
 */
final class SkipCompiler {
    private final ProgramBuilder builder;
    private final SchemaSizes sizes = new SchemaSizes();
    private final Map<String, Integer> recordPrograms = new HashMap<>();

    SkipCompiler(ProgramBuilder builder) {
        this.builder = builder;
    }

    SchemaSizes sizes() {
        return sizes;
    }

    /** The label of a program that skips one value. */
    int program(Schema schema, String path) {
        return builder.subprogram(() -> skip(schema, path));
    }

    void skip(Schema schema, String path) {
        int fixed = sizes.fixed(schema);
        if (fixed != SchemaSizes.VARIES) {
            if (fixed > 0) {
                builder.step(path, Op.SKIP_FIXED, fixed);
            }
            return;
        }
        switch (schema.getType()) {
            case INT -> builder.step(path, Op.SKIP_VARINT, 5);
            case LONG -> builder.step(path, Op.SKIP_VARINT, 10);
            case STRING, BYTES -> builder.step(path, Op.SKIP_BYTES);
            case ENUM -> builder.step(path, Op.SKIP_ENUM, schema.getEnumSymbols().size());
            case RECORD -> {
                int program = recordProgram(schema, path);
                builder.step(path, Op.CALL);
                builder.reference(program);
            }
            case UNION -> union(schema, path);
            case ARRAY -> blocks(Op.SKIP_ARRAY, schema.getElementType(), path, "[]");
            case MAP -> blocks(Op.SKIP_MAP, schema.getValueType(), path, ".*");
            case NULL, BOOLEAN, FLOAT, DOUBLE, FIXED ->
                    throw new IllegalStateException("Sizes of " + schema.getType() + " are fixed");
        }
    }

    private void blocks(int op, Schema item, String path, String itemName) {
        int program = program(item, path + itemName);
        builder.step(path, op, sizes.least(item), sizes.fixed(item));
        builder.reference(program);
    }

    private int recordProgram(Schema schema, String path) {
        Integer known = recordPrograms.get(schema.getFullName());
        if (known != null) {
            return known;
        }
        int label = builder.newLabel();
        recordPrograms.put(schema.getFullName(), label);
        builder.subprogram(
                label,
                () -> schema.getFields().forEach(f -> skip(f.schema(), path + "." + f.name())));
        return label;
    }

    private void union(Schema schema, String path) {
        int end = builder.newLabel();
        List<Integer> labels = schema.getTypes().stream().map(b -> builder.newLabel()).toList();
        builder.step(path, Op.UNION, labels.size());
        labels.forEach(builder::reference);
        for (int i = 0; i < labels.size(); i++) {
            builder.place(labels.get(i));
            skip(schema.getTypes().get(i), path);
            builder.step(path, Op.JUMP);
            builder.reference(end);
        }
        builder.place(end);
    }
}
