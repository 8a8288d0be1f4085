package dev.millrace.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;

/** The Avro schemas of what Millrace itself writes to topics. */
public final class Contracts {
    private static final Schema SCORED_RECORD = load("ScoredRecord.avsc");
    private static final Schema MODEL_RELEASE = load("ModelRelease.avsc");

    private Contracts() {}

    /** What a pipeline writes to its output topic: one per scored record. */
    public static Schema scoredRecord() {
        return SCORED_RECORD;
    }

    /** What announces on the control topic that a model version serves from a point in time. */
    public static Schema modelRelease() {
        return MODEL_RELEASE;
    }

    private static Schema load(String resource) {
        try (InputStream in = Contracts.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "The jar lacks dev/millrace/schema/"
                                + resource
                                + "; it was packed wrongly");
            }
            return new Schema.Parser().parse(in);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read dev/millrace/schema/" + resource, e);
        }
    }
}
