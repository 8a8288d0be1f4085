package dev.millrace.job.files;

import org.apache.avro.Schema;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.Type;

/** How many of a timestamp field's units a millisecond has: 1 where its type does not say. */
public final class TimestampUnit {
    private static final long MICROS = 1_000;
    private static final long NANOS = 1_000_000;

    private TimestampUnit() {}

    public static long perMilli(Schema schema) {
        if (schema.isUnion()) {
            return schema.getTypes().stream().mapToLong(TimestampUnit::perMilli).max().orElse(1);
        }
        String type = schema.getProp("logicalType");
        return type == null
                ? 1
                : type.endsWith("-micros") ? MICROS : type.endsWith("-nanos") ? NANOS : 1;
    }

    static long perMilli(Type column) {
        LogicalTypeAnnotation type = column.getLogicalTypeAnnotation();
        if (!(type instanceof TimestampLogicalTypeAnnotation timestamp)) {
            return 1;
        }
        return switch (timestamp.getUnit()) {
            case MILLIS -> 1;
            case MICROS -> MICROS;
            case NANOS -> NANOS;
        };
    }
}
