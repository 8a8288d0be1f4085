package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.kafka.RecordType;
import dev.millrace.job.kafka.Sinks;
import dev.millrace.job.kafka.Sources;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A model in a map function, with Millrace's source and sink. */
final class NaiveMapJob extends FlinkSubject {
    NaiveMapJob(SubjectSpec spec) {
        super(spec);
    }

    @Override
    void build(StreamExecutionEnvironment environment, PreparedPipeline pipeline) {
        configureLikeMillrace(environment, pipeline);
        environment
                .fromSource(
                        Sources.unbounded(pipeline.config().source()),
                        WatermarkStrategy.noWatermarks(),
                        "Source",
                        RecordType.CONSUMER)
                .map(new Score(spec().workload(), pipeline.config().sink().topic()))
                .returns(RecordType.PRODUCER)
                .sinkTo(Sinks.scored(pipeline.config().sink()));
    }

    private static final class Score
            extends RichMapFunction<
                    ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>> {
        private static final long serialVersionUID = 1L;

        private final Workload workload;
        private final String topic;
        private transient NaiveScoring scoring;

        Score(Workload workload, String topic) {
            this.workload = workload;
            this.topic = topic;
        }

        @Override
        public void open(OpenContext context) {
            scoring = new NaiveScoring(workload, topic);
        }

        @Override
        public ProducerRecord<byte[], byte[]> map(ConsumerRecord<byte[], byte[]> record)
                throws Exception {
            return scoring.score(record);
        }

        @Override
        public void close() throws Exception {
            if (scoring != null) {
                scoring.close();
            }
        }
    }
}
