package dev.millrace.job;

import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.ScoredFormat;
import dev.millrace.schema.Contracts;
import dev.millrace.schema.Framing;
import dev.millrace.schema.wire.SchemaRegistry;
import java.io.Serializable;

/**
 * What stands before each scored record. Travels with the job.
 *
 * @param schemaId the id of the scored records' schema in the registry; 0 where none is needed
 */
record ScoredFraming(ScoredFormat format, int schemaId) implements Serializable {
    /** Registers the scored records' schema where the format asks for its id. */
    static ScoredFraming of(PipelineConfig config) {
        PipelineConfig.Sink sink = config.sink();
        if (sink.format() != ScoredFormat.CONFLUENT) {
            return new ScoredFraming(sink.format(), 0);
        }
        SchemaRegistry registry = new SchemaRegistry(config.registry().orElseThrow());
        return new ScoredFraming(
                sink.format(),
                registry.register(
                        SchemaRegistry.subjectOfValues(sink.topic()), Contracts.scoredRecord()));
    }

    Framing framing() {
        return switch (format) {
            case AVRO -> Framing.plain();
            case AVRO_SINGLE_OBJECT -> Framing.singleObject(Contracts.scoredRecord());
            case CONFLUENT -> Framing.confluent(schemaId);
        };
    }
}
