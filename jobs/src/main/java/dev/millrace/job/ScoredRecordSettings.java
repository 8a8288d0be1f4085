package dev.millrace.job;

import dev.millrace.job.config.Partitioning;
import dev.millrace.job.config.PipelineConfig;
import java.io.Serializable;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * What a task has to know to make scored records.
 *
 * @param pipeline the pipeline's name
 * @param topic where scored records go
 * @param framing what stands before each
 * @param partitioning which partition they go to
 * @param keepHeaders names of headers they keep from their input
 * @param traces whether they carry their input's trace context
 * @param provenance whether they say when and by which engine they were scored
 * @param reuse whether one record serves for all, because nothing keeps it
 * @param scores what they carry
 */
record ScoredRecordSettings(
        String pipeline,
        String topic,
        ScoredFraming framing,
        Partitioning partitioning,
        List<String> keepHeaders,
        boolean traces,
        boolean provenance,
        boolean reuse,
        ScoreSelection scores)
        implements Serializable {

    static ScoredRecordSettings of(PipelineConfig config) {
        return new ScoredRecordSettings(
                config.name(),
                config.sink().topic(),
                ScoredFraming.of(config),
                config.sink().partitioning(),
                config.sink().keepHeaders(),
                config.sink().traceHeaders(),
                config.sink().provenanceHeader(),
                !config.sink().properties().containsKey(ProducerConfig.INTERCEPTOR_CLASSES_CONFIG),
                ScoreSelection.of(config.outputs()));
    }
}
