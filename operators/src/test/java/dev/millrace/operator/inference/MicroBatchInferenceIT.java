package dev.millrace.operator.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.operator.deadletter.DeadLetter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operator in real jobs on Flink's mini cluster. */
@Timeout(120)
class MicroBatchInferenceIT {
    private static final int COUNT = 200_000;

    /** What the last job has emitted, in order. One subtask writes. */
    private static final ConcurrentLinkedQueue<Long> EMITTED = new ConcurrentLinkedQueue<>();

    private static MicroBatchInference.Builder<Long, Long> inference(
            TestingEngineProvider engines) {
        return MicroBatchInference.<Long, Long>builder()
                .engine(engines)
                .features(TestingEngine.FEATURES)
                .scores(TestingEngine.SCORES)
                .maxBatchSize(256)
                .linger(Duration.ofMillis(2));
    }

    private static List<Long> expected(int count) {
        return LongStream.range(0, count).map(TestingEngine::score).boxed().toList();
    }

    /** The example of the README: about ten lines of user code. */
    @Test
    void scoresAStreamInTenLines() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        DataStream<Long> payments = env.fromSequence(0, COUNT - 1).setParallelism(1);
        EngineProvider engine = new TestingEngineProvider();

        OutputTag<DeadLetter<Long>> dead = DeadLetter.tag("dead-letters", payments.getType());
        SingleOutputStreamOperator<Long> scored =
                MicroBatchInference.<Long, Long>builder()
                        .engine(engine)
                        .features((payment, slot, row) -> slot.input(0).putLong(row * 8, payment))
                        .scores((payment, slot, row) -> slot.output(0).getLong(row * 8))
                        .maxBatchSize(1024)
                        .linger(Duration.ofMillis(5))
                        .deadLetters(dead)
                        .apply(payments, Types.LONG)
                        .setParallelism(1);

        assertThat(collect(scored)).isEqualTo(expected(COUNT));
    }

    private static <T> List<T> collect(DataStream<T> stream) throws Exception {
        List<T> all = new ArrayList<>();
        CloseableIterator<T> results = stream.executeAndCollect();
        try {
            results.forEachRemaining(all::add);
        } finally {
            results.close();
        }
        return all;
    }

    @Test
    void divertsWhatTheEngineCannotScoreAcrossTheNetworkToo() throws Exception {
        TestingEngineProvider engines =
                new TestingEngineProvider(
                        request ->
                                new TestingEngine(request.maxBatchSize(), request.slots())
                                        .completeOnThread()
                                        .guiltyIf(value -> value % 1000 == 7));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        DataStream<Long> values = env.fromSequence(0, COUNT - 1).setParallelism(1);
        OutputTag<DeadLetter<Long>> dead = DeadLetter.tag("dead-letters", Types.LONG);
        DataStream<DeadLetter<Long>> letters =
                inference(engines)
                        .deadLetters(dead)
                        .apply(values, Types.LONG)
                        .setParallelism(2)
                        .getSideOutput(dead)
                        .rebalance();
        List<DeadLetter<Long>> all = collect(letters);
        assertThat(all).hasSize(COUNT / 1000);
        assertThat(all)
                .allSatisfy(
                        letter -> {
                            assertThat(letter.element() % 1000).isEqualTo(7);
                            assertThat(letter.kind()).isEqualTo(DeadLetter.Kind.UNSCORABLE);
                        });
        assertThat(engines.opened()).hasSize(2);
        assertThat(engines.opened()).allSatisfy(one -> assertThat(one.closes()).isEqualTo(1));
    }

    @Test
    void restartsFromACheckpointAfterADeviceFatalFailureWithoutLossOrDoubles() throws Exception {
        AtomicBoolean failed = new AtomicBoolean();
        TestingEngineProvider engines =
                new TestingEngineProvider(
                        request ->
                                new TestingEngine(request.maxBatchSize(), request.slots())
                                        .completeOnThread()
                                        .failIf(
                                                value ->
                                                        value == COUNT / 2
                                                                && !failed.getAndSet(true),
                                                new EngineException(
                                                        EngineException.Kind.DEVICE_FATAL,
                                                        "lost")));
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 2);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(20));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        DataStream<Long> values = env.fromSequence(0, COUNT - 1).setParallelism(1);
        List<Long> all = collect(inference(engines).apply(values, Types.LONG).setParallelism(1));
        assertThat(all).isEqualTo(expected(COUNT));
        assertThat(failed).isTrue();
        assertThat(engines.opened()).hasSize(2);
        assertThat(engines.opened()).allSatisfy(one -> assertThat(one.closes()).isEqualTo(1));
    }

    @Test
    void theCauseOfAFailureReachesTheClient() {
        TestingEngineProvider engines =
                new TestingEngineProvider(
                        request ->
                                new TestingEngine(request.maxBatchSize(), request.slots())
                                        .completeOnThread()
                                        .failNext(
                                                new EngineException(
                                                        EngineException.Kind.MODEL, "no such op")));
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        inference(engines)
                .apply(env.fromSequence(0, 10), Types.LONG)
                .sinkTo(new DiscardingSink<>());
        assertThatThrownBy(env::execute).hasStackTraceContaining("no such op");
        assertThat(engines.opened()).allSatisfy(one -> assertThat(one.closes()).isEqualTo(1));
    }

    @Test
    void resumesFromASavepointTakenWithoutDraining(@TempDir Path folder) throws Exception {
        EMITTED.clear();
        TestingEngineProvider engines = new TestingEngineProvider();
        String savepoint;
        JobClient first = endless(engines, new Configuration());
        OperatorHarness.await(() -> EMITTED.size() > 10_000);
        savepoint =
                first.stopWithSavepoint(
                                false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get(60, TimeUnit.SECONDS);
        int atSavepoint = EMITTED.size();
        Configuration resumed = new Configuration();
        resumed.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        JobClient second = endless(engines, resumed);
        OperatorHarness.await(() -> EMITTED.size() > atSavepoint + 10_000);
        second.cancel().get(60, TimeUnit.SECONDS);
        assertThatThrownBy(() -> second.getJobExecutionResult().get(60, TimeUnit.SECONDS))
                .hasStackTraceContaining("cancel");
        List<Long> all = List.copyOf(EMITTED);
        assertThat(all).isEqualTo(expected(all.size()));
        assertThat(engines.opened()).hasSize(2);
        OperatorHarness.await(
                () -> engines.opened().stream().allMatch(engine -> engine.closes() == 1));
    }

    private static JobClient endless(TestingEngineProvider engines, Configuration configuration)
            throws Exception {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        DataStream<Long> values = env.fromSequence(0, Long.MAX_VALUE - 1).uid("values");
        inference(engines)
                .apply(values, Types.LONG)
                .uid("inference")
                .map(
                        value -> {
                            EMITTED.add(value);
                            return value;
                        })
                .returns(Types.LONG)
                .sinkTo(new DiscardingSink<>());
        return env.executeAsync();
    }
}
