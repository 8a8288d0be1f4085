package dev.millrace.job;

import dev.millrace.job.config.ValueFormat;
import dev.millrace.schema.feature.FeaturePlan;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.wire.AvroRecordDecoder;
import dev.millrace.schema.wire.RecordDecoder;
import java.io.Serializable;
import org.apache.avro.Schema;

/**
 * How a pipeline's values are read. Travels with the job; decoders are built where they work.
 *
 * @param type the encoding
 * @param schemaJson the schema that features are planned against
 */
record WireFormat(ValueFormat type, String schemaJson) implements Serializable {

    Schema schema() {
        return new Schema.Parser().parse(schemaJson);
    }

    /** A decoder of a task's own. */
    RecordDecoder newDecoder(FeatureSpec spec) {
        return switch (type) {
            case AVRO -> new AvroRecordDecoder(FeaturePlan.compile(schema(), spec));
            case CONFLUENT, AVRO_SINGLE_OBJECT, JSON ->
                    throw new IllegalArgumentException("no decoder for format " + type + " yet");
        };
    }
}
