package dev.millrace.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The scores of one record, as a reader of the output topic sees them.
 *
 * @param precision the arithmetic of the model, for example {@code FP32}
 * @param scores by name, in the order they were written
 */
public record ScoredRecord(
        String pipeline,
        SourcePosition source,
        ModelIdentity model,
        String precision,
        Map<String, Score> scores) {
    public ScoredRecord {
        scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }

    /** One line of JSON with the fields of the contract; the timestamp in milliseconds. */
    public String toJson() {
        return ScoredRecordJson.text(this);
    }
}
