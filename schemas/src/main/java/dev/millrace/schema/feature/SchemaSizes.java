package dev.millrace.schema.feature;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * How many bytes values of a schema take in Avro binary. Compile time only.
 *
 * <p>The least size of a recursive type counts the inner one as nothing, which is a lower bound
 * still.
 */
final class SchemaSizes {
    static final int VARIES = -1;

    private final Map<String, Integer> fixed = new HashMap<>();
    private final Map<String, Integer> least = new HashMap<>();

    /** The exact size of every value, or {@link #VARIES}. */
    int fixed(Schema schema) {
        return switch (schema.getType()) {
            case NULL -> 0;
            case BOOLEAN -> 1;
            case FLOAT -> Float.BYTES;
            case DOUBLE -> Double.BYTES;
            case FIXED -> schema.getFixedSize();
            case RECORD -> fixedRecord(schema);
            case INT, LONG, STRING, BYTES, ENUM, UNION, ARRAY, MAP -> VARIES;
        };
    }

    /** A size that no value is below. */
    int least(Schema schema) {
        return switch (schema.getType()) {
            case NULL -> 0;
            case FLOAT -> Float.BYTES;
            case DOUBLE -> Double.BYTES;
            case FIXED -> schema.getFixedSize();
            case RECORD -> leastRecord(schema);
            case BOOLEAN, INT, LONG, STRING, BYTES, ENUM, UNION, ARRAY, MAP -> 1;
        };
    }

    private int fixedRecord(Schema schema) {
        Integer known = fixed.get(schema.getFullName());
        if (known != null) {
            return known;
        }
        // Stands while the type's own fields are looked at: a recursive type has no fixed size.
        fixed.put(schema.getFullName(), VARIES);
        int sum = 0;
        for (Schema.Field field : schema.getFields()) {
            int size = fixed(field.schema());
            if (size == VARIES) {
                return VARIES;
            }
            sum = Math.addExact(sum, size);
        }
        fixed.put(schema.getFullName(), sum);
        return sum;
    }

    private int leastRecord(Schema schema) {
        Integer known = least.get(schema.getFullName());
        if (known != null) {
            return known;
        }
        least.put(schema.getFullName(), 0);
        int sum = 0;
        for (Schema.Field field : schema.getFields()) {
            sum = Math.addExact(sum, least(field.schema()));
        }
        least.put(schema.getFullName(), sum);
        return sum;
    }
}
