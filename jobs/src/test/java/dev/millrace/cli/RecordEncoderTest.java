package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.cli.records.RefusedRecordException;
import dev.millrace.job.config.ValueFormat;
import dev.millrace.schema.Framing;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class RecordEncoderTest {
    private static final Schema SCHEMA =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Event", "fields": [
                              {"name": "at", "type": ["null", "long"]},
                              {"name": "name", "type": ["null", "string"]},
                              {"name": "nothing", "type": "null"}]}
                            """);

    private final RecordEncoder encoder =
            new RecordEncoder("events", ValueFormat.JSON, Framing.plain(), SCHEMA, null, "at");

    private static GenericRecord at(Long millis) {
        GenericRecord record = new GenericData.Record(SCHEMA);
        record.put("at", millis);
        return record;
    }

    @Test
    void takesTheTimestampOfAField() throws Exception {
        assertThat(encoder.encode(at(5L)).timestamp()).isEqualTo(5);
    }

    private static long timestamp(String type, long value) throws Exception {
        Schema schema =
                new Schema.Parser()
                        .parse(
                                """
                                {"type": "record", "name": "Event", "fields": [
                                  {"name": "at", "type": %s}]}
                                """
                                        .formatted(type));
        GenericRecord record = new GenericData.Record(schema);
        record.put("at", value);
        return new RecordEncoder("events", ValueFormat.AVRO, Framing.plain(), schema, null, "at")
                .encode(record)
                .timestamp();
    }

    @Test
    void takesTheUnitThatTheTypeSays() throws Exception {
        String type = "{\"type\": \"long\", \"logicalType\": \"timestamp-%s\"}";
        assertThat(timestamp(type.formatted("millis"), 1_234_567_890)).isEqualTo(1_234_567_890);
        assertThat(timestamp(type.formatted("micros"), 1_234_567_890)).isEqualTo(1_234_567);
        assertThat(timestamp("[\"null\", %s]".formatted(type.formatted("nanos")), 1_234_567_890))
                .isEqualTo(1_234);
    }

    @Test
    void refusesARecordWithoutATimestampThatKafkaTakes() {
        assertThatThrownBy(() -> encoder.encode(at(null)))
                .isInstanceOf(RefusedRecordException.class)
                .hasMessage("field at is null, --timestamp needs a value");
        assertThatThrownBy(() -> encoder.encode(at(-5L)))
                .isInstanceOf(RefusedRecordException.class)
                .hasMessage("field at is -5, Kafka takes no timestamp before 1970");
    }

    @Test
    void onlyWholeNumbersCanBeTimestamps() {
        assertThat(RecordEncoder.isTimestamp(SCHEMA.getField("at"))).isTrue();
        assertThat(RecordEncoder.isTimestamp(SCHEMA.getField("name"))).isFalse();
        Schema days = new Schema.Parser().parse("{\"type\": \"int\", \"logicalType\": \"date\"}");
        assertThat(RecordEncoder.isTimestamp(new Schema.Field("day", days))).isFalse();
        assertThat(RecordEncoder.isTimestamp(SCHEMA.getField("nothing"))).isFalse();
    }
}
