package dev.millrace.operator.inference;

import dev.millrace.operator.deadletter.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** The operator on Flink's harness, with a testing engine; time and mails are the test's. */
final class OperatorHarness implements AutoCloseable {
    /** Timers that are always set: that of the status line. */
    static final int TIMERS = 1;

    static final OutputTag<DeadLetter<Long>> DEAD = DeadLetter.tag("dead", Types.LONG);

    final TestingEngine engine;
    final RecordingMetrics metrics = new RecordingMetrics();
    final OneInputStreamOperatorTestHarness<Long, Long> flink;

    /** An opened operator with the model's own functions and a side output for dead letters. */
    static OperatorHarness open(TestingEngine engine, InferenceOptions options) throws Exception {
        return open(engine, options, TestingEngine.FEATURES, TestingEngine.SCORES);
    }

    static OperatorHarness open(
            TestingEngine engine,
            InferenceOptions options,
            FeatureWriter<Long> features,
            ScoreReader<Long, Long> scores)
            throws Exception {
        OperatorHarness harness = new OperatorHarness(engine, options, features, scores, DEAD);
        harness.flink.open();
        return harness;
    }

    OperatorHarness(
            TestingEngine engine,
            InferenceOptions options,
            FeatureWriter<Long> features,
            ScoreReader<Long, Long> scores,
            OutputTag<DeadLetter<Long>> deadLetters)
            throws Exception {
        this.engine = engine;
        this.flink =
                new OneInputStreamOperatorTestHarness<>(
                        new MicroBatchInferenceOperatorFactory<>(
                                new TestingEngineProvider(request -> engine),
                                features,
                                scores,
                                options,
                                deadLetters,
                                true),
                        LongSerializer.INSTANCE,
                        new MockEnvironmentBuilder().setMetricGroup(metrics.task()).build());
        flink.setup(LongSerializer.INSTANCE);
    }

    /** Sends values, each with ten times itself as timestamp. */
    void send(long... values) throws Exception {
        for (long value : values) {
            flink.processElement(value, 10 * value);
        }
    }

    /** Runs the mails that are in the mailbox. */
    void runMails() throws Exception {
        Optional<Mail> mail = flink.getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
        while (mail.isPresent()) {
            mail.get().run();
            mail = flink.getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
        }
    }

    /** Completes the oldest submissions until none is left, and runs the mails. */
    void completeAll() throws Exception {
        while (engine.waiting() > 0) {
            engine.complete(0);
            runMails();
        }
    }

    /**
     * Starts a thread that, once so many submissions wait, completes one after the other until none
     * is left. For calls that block.
     */
    Thread completeWhenWaiting(int submissions) {
        Thread thread =
                new Thread(
                        () -> {
                            await(() -> engine.waiting() >= submissions);
                            engine.completeAll();
                        },
                        "completes");
        thread.start();
        return thread;
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Waited 20 s in vain");
            }
            Thread.onSpinWait();
        }
    }

    /** Everything emitted to the main output, records and signals. */
    List<Object> output() {
        return new ArrayList<>(flink.getOutput());
    }

    List<Long> scores() {
        return flink.extractOutputValues();
    }

    List<StreamRecord<DeadLetter<Long>>> deadLetterRecords() {
        return flink.getSideOutput(DEAD) == null
                ? List.of()
                : new ArrayList<>(flink.getSideOutput(DEAD));
    }

    List<DeadLetter<Long>> deadLetters() {
        return deadLetterRecords().stream().map(StreamRecord::getValue).toList();
    }

    @Override
    public void close() {
        try {
            flink.close();
        } catch (Exception e) {
            throw new AssertionError("The operator does not close", e);
        }
    }
}
