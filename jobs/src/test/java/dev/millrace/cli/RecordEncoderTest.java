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
        assertThat(RecordEncoder.isTimestamp(SCHEMA.getField("nothing"))).isFalse();
    }
}
