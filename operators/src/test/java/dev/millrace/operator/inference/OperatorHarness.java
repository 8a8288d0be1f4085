package dev.millrace.operator.inference;

import dev.millrace.operator.deadletter.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** The operator on Flink's harness, with a testing engine; time and mails are the test's. */
final class OperatorHarness implements AutoCloseable {
    static final OutputTag<DeadLetter<Long>> DEAD = DeadLetter.tag("dead", Types.LONG);

    final TestingEngine engine;
    final OneInputStreamOperatorTestHarness<Long, Long> flink;

    OperatorHarness(TestingEngine engine, InferenceOptions options) throws Exception {
        this(engine, options, TestingEngine.FEATURES, TestingEngine.SCORES);
    }

    OperatorHarness(
            TestingEngine engine,
            InferenceOptions options,
            FeatureWriter<Long> features,
            ScoreReader<Long, Long> scores)
            throws Exception {
        this.engine = engine;
        this.flink =
                new OneInputStreamOperatorTestHarness<>(
                        new MicroBatchInferenceOperatorFactory<>(
                                new TestingEngineProvider(request -> engine),
                                features,
                                scores,
                                options,
                                DEAD,
                                true),
                        LongSerializer.INSTANCE);
        flink.setup(LongSerializer.INSTANCE);
        flink.open();
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

    /** Everything emitted, records and signals. */
    List<Object> output() {
        return new ArrayList<>(flink.getOutput());
    }

    List<Long> scores() {
        return flink.extractOutputValues();
    }

    List<DeadLetter<Long>> deadLetters() {
        List<DeadLetter<Long>> letters = new ArrayList<>();
        if (flink.getSideOutput(DEAD) != null) {
            for (StreamRecord<DeadLetter<Long>> record : flink.getSideOutput(DEAD)) {
                letters.add(record.getValue());
            }
        }
        return letters;
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
