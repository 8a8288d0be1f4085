package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.kafka.RecordType;
import dev.millrace.job.kafka.Sinks;
import dev.millrace.job.kafka.Sources;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Millrace's source and sink with a copy between them: what Flink and Kafka cost by themselves. */
final class PassThroughJob extends FlinkSubject {
    PassThroughJob(SubjectSpec spec) {
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
                .map(new Copy(spec(), pipeline.config().sink().topic()))
                .returns(RecordType.PRODUCER)
                .sinkTo(Sinks.scored(pipeline.config().sink()));
    }

    private static final class Copy
            implements MapFunction<ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>> {
        private static final long serialVersionUID = 1L;

        private final Workload workload;
        private final String topic;
        private transient OutputCopies copies;

        Copy(SubjectSpec spec, String topic) {
            this.workload = spec.workload();
            this.topic = topic;
        }

        @Override
        public ProducerRecord<byte[], byte[]> map(ConsumerRecord<byte[], byte[]> record) {
            if (copies == null) {
                copies = new OutputCopies(workload, topic);
            }
            return copies.of(record);
        }
    }
}
