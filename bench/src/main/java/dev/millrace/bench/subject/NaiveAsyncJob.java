package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;
import dev.millrace.job.PreparedPipeline;
import dev.millrace.job.kafka.RecordType;
import dev.millrace.job.kafka.Sinks;
import dev.millrace.job.kafka.Sources;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A model behind Flink's asynchronous I/O, in order, with Millrace's source and sink. */
final class NaiveAsyncJob extends FlinkSubject {
    static final String THREAD = "naive-scoring";
    private static final int IN_FLIGHT = 1000;
    private static final long TIMEOUT_SECONDS = 60;

    NaiveAsyncJob(SubjectSpec spec) {
        super(spec);
    }

    @Override
    void build(StreamExecutionEnvironment environment, PreparedPipeline pipeline) {
        configureLikeMillrace(environment, pipeline);
        AsyncDataStream.orderedWait(
                        environment.fromSource(
                                Sources.unbounded(pipeline.config().source()),
                                WatermarkStrategy.noWatermarks(),
                                "Source",
                                RecordType.CONSUMER),
                        new Score(spec().workload(), pipeline.config().sink().topic()),
                        TIMEOUT_SECONDS,
                        TimeUnit.SECONDS,
                        IN_FLIGHT)
                .returns(RecordType.PRODUCER)
                .sinkTo(Sinks.scored(pipeline.config().sink()));
    }

    private static final class Score
            extends RichAsyncFunction<
                    ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>> {
        private static final long serialVersionUID = 1L;

        private final Workload workload;
        private final String topic;
        private transient NaiveScoring scoring;
        private transient ExecutorService executor;

        Score(Workload workload, String topic) {
            this.workload = workload;
            this.topic = topic;
        }

        @Override
        public void open(OpenContext context) {
            scoring = new NaiveScoring(workload, topic);
            executor = Executors.newSingleThreadExecutor(task -> new Thread(task, THREAD));
        }

        @Override
        public void asyncInvoke(
                ConsumerRecord<byte[], byte[]> record,
                ResultFuture<ProducerRecord<byte[], byte[]>> result) {
            executor.execute(
                    () -> {
                        try {
                            result.complete(List.of(scoring.score(record)));
                        } catch (Exception e) {
                            result.completeExceptionally(e);
                        }
                    });
        }

        @Override
        public void close() throws Exception {
            if (executor == null) {
                return;
            }
            executor.shutdownNow();
            executor.awaitTermination(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            scoring.close();
        }
    }
}
