package dev.millrace.endtoend;

import dev.millrace.schema.Contracts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

/**
 * A scored record, read by Avro.
 *
 * @param scores by output name
 */
record Scored(int partition, long offset, Map<String, Object> scores) {
    @SuppressWarnings("unchecked")
    static Scored decode(byte[] value) {
        try {
            GenericRecord record =
                    new GenericDatumReader<GenericRecord>(Contracts.scoredRecord())
                            .read(null, DecoderFactory.get().binaryDecoder(value, null));
            GenericRecord source = (GenericRecord) record.get("source");
            Map<CharSequence, Object> scores = (Map<CharSequence, Object>) record.get("scores");
            Map<String, Object> byName = new HashMap<>();
            scores.forEach((name, score) -> byName.put(name.toString(), score));
            return new Scored(
                    (Integer) source.get("partition"), (Long) source.get("offset"), byName);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
