package dev.millrace.bench.subject;

import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.ScoringTopology;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The scoring job itself, with every default except those that {@link BenchPipeline} names. */
final class MillraceJob extends FlinkSubject {
    MillraceJob(SubjectSpec spec) {
        super(spec);
    }

    @Override
    void build(StreamExecutionEnvironment environment, PreparedPipeline pipeline) {
        ScoringTopology.build(environment, pipeline);
    }
}
