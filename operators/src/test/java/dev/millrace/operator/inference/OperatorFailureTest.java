package dev.millrace.operator.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.operator.deadletter.DeadLetter;
import dev.millrace.operator.deadletter.RejectedRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.function.ThrowingRunnable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

/** What becomes of records, micro-batches and the task when something fails. */
@Timeout(60)
class OperatorFailureTest {
    private static final int ROWS = 4;
    private static final InferenceOptions OPTIONS =
            InferenceOptions.DEFAULT
                    .withMaxBatchSize(ROWS)
                    .withSlots(3)
                    .withLinger(Duration.ofMillis(5))
                    .withRetries(2, Duration.ofMillis(50));

    private final TestingEngine engine = new TestingEngine(ROWS, 3);

    private OperatorHarness open() throws Exception {
        return OperatorHarness.open(engine, OPTIONS);
    }

    private static EngineException failure(EngineException.Kind kind, String message) {
        return new EngineException(kind, message);
    }

    private static EngineException outOfMemory() {
        return failure(EngineException.Kind.RETRYABLE, "out of memory");
    }

    // Engine: fatal

    @ParameterizedTest
    @EnumSource(
            value = EngineException.Kind.class,
            names = {"MODEL", "DEVICE_FATAL"})
    void failsTheTaskOnceWithTheCause(EngineException.Kind kind) throws Exception {
        EngineException cause = failure(kind, "sticky error 700");
        engine.completeManually().failNext(cause);
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            engine.complete(0);
            assertThatThrownBy(harness::runMails)
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContainingAll(
                            kind.name(), "micro-batch 1 of 4 rows", "testing:1", "sticky error 700")
                    .hasCause(cause);
            assertThat(harness.output()).isEmpty();
        }
        assertThat(engine.closes()).isEqualTo(1);
    }

    @Test
    void rethrowsTheFirstFailureAtEveryEntryPoint() throws Exception {
        EngineException first = failure(EngineException.Kind.DEVICE_FATAL, "first");
        engine.completeManually()
                .failNext(first, failure(EngineException.Kind.DEVICE_FATAL, "second"));
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4, 5, 6, 7, 8);
            engine.complete(0);
            assertThatThrownBy(harness::runMails).hasCause(first);
            engine.complete(0);
            assertThatThrownBy(harness::runMails).hasCause(first);
            var operator = harness.flink.getOneInputOperator();
            List<ThrowingRunnable<Exception>> entryPoints =
                    List.of(
                            () -> harness.send(9),
                            () -> operator.processWatermark(new Watermark(90)),
                            () -> operator.processWatermarkStatus(WatermarkStatus.IDLE),
                            () -> operator.processRecordAttributes(new RecordAttributes(true)),
                            () ->
                                    operator.processLatencyMarker(
                                            new LatencyMarker(1, operator.getOperatorID(), 0)),
                            () -> operator.prepareSnapshotPreBarrier(1),
                            harness.flink::endInput);
            for (ThrowingRunnable<Exception> entryPoint : entryPoints) {
                assertThatThrownBy(entryPoint::run).hasCause(first);
            }
        }
    }

    @Test
    void aFailureInsideAYieldIsThrownByTheCallThatYielded() throws Exception {
        EngineException cause = failure(EngineException.Kind.DEVICE_FATAL, "gone");
        engine.completeOnThread().failNext(cause);
        try (OperatorHarness harness = open()) {
            harness.send(1);
            assertThatThrownBy(() -> harness.flink.prepareSnapshotPreBarrier(1))
                    .isInstanceOf(InferenceException.class)
                    .hasCause(cause);
        }
    }

    @Test
    void anEngineThatCompletesTwiceFailsTheTask() throws Exception {
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            engine.completeLastAgain();
            assertThatThrownBy(harness::runMails)
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("broken its contract");
        }
    }

    // Engine: retryable

    @Test
    void triesAgainAfterARetryableFailure() throws Exception {
        engine.failNext(outOfMemory(), outOfMemory());
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4, 5, 6, 7, 8);
            harness.runMails();
            assertThat(harness.output()).isEmpty();
            harness.flink.setProcessingTime(49);
            harness.runMails();
            assertThat(engine.submittedRows()).containsExactly(4, 4);
            harness.flink.setProcessingTime(50);
            harness.runMails();
            assertThat(engine.submittedRows()).containsExactly(4, 4, 4, 4);
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L, 9L, 11L, 13L, 15L, 17L);
            assertThat(harness.metrics.count(InferenceMetrics.RETRIES)).isEqualTo(2);
        }
    }

    @Test
    void namesTheMicroBatchOfAFailureInTheLogsContext() throws Exception {
        engine.failNext(outOfMemory());
        try (LogLines log = new LogLines(FailureRecovery.class);
                OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            harness.runMails();
            assertThat(log.lines()).hasSize(1);
            assertThat(log.lines().get(0)).contains("4 rows").contains("out of memory");
            assertThat(log.context(0))
                    .containsEntry(LogContext.BATCH, "1")
                    .containsEntry(LogContext.MODEL, "testing:1");
            assertThat(MDC.get(LogContext.BATCH)).isNull();
        }
    }

    @Test
    void waitsTwiceAsLongBeforeTheNextAttempt() throws Exception {
        engine.failNext(outOfMemory(), outOfMemory());
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            harness.runMails();
            harness.flink.setProcessingTime(50);
            harness.runMails();
            harness.flink.setProcessingTime(149);
            harness.runMails();
            assertThat(harness.output()).isEmpty();
            harness.flink.setProcessingTime(150);
            harness.runMails();
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L, 9L);
        }
    }

    @Test
    void failsTheTaskWhenRetriesAreUsedUp() throws Exception {
        EngineException last = outOfMemory();
        engine.failNext(outOfMemory(), outOfMemory(), last);
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            harness.runMails();
            harness.flink.setProcessingTime(50);
            harness.runMails();
            harness.flink.setProcessingTime(150);
            assertThatThrownBy(harness::runMails)
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContainingAll("failed 3 times", "out of memory")
                    .hasCause(last);
        }
    }

    @Test
    void triesAgainAtTheEndOfInputWithoutTimers() throws Exception {
        engine.failNext(outOfMemory(), outOfMemory());
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            harness.runMails();
            harness.send(5);
            harness.flink.endInput();
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L, 9L, 11L);
            // The timer of the first failure comes late and finds nothing to do.
            harness.flink.setProcessingTime(50);
            assertThat(engine.submittedRows()).hasSize(4);
        }
    }

    @Test
    void retriesAMicroBatchInAReusedSlotAfterItsOwnDelay() throws Exception {
        TestingEngine single = new TestingEngine(ROWS, 1).failNext(outOfMemory());
        try (OperatorHarness harness = OperatorHarness.open(single, OPTIONS.withSlots(1))) {
            harness.send(1, 2, 3, 4);
            harness.runMails();
            harness.flink.setProcessingTime(50);
            harness.runMails();
            single.failNext(outOfMemory());
            harness.send(5, 6, 7, 8);
            harness.runMails();
            assertThat(single.submittedRows()).containsExactly(4, 4, 4);
            harness.flink.setProcessingTime(99);
            assertThat(single.submittedRows()).hasSize(3);
            harness.flink.setProcessingTime(100);
            harness.runMails();
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L, 9L, 11L, 13L, 15L, 17L);
        }
    }

    // Engine: bad input

    @Test
    void bisectsUntilTheGuiltyRecordStandsAlone() throws Exception {
        engine.guiltyIf(value -> value == 3);
        try (OperatorHarness harness = open()) {
            harness.send(1, 2);
            harness.flink.processWatermark(20);
            harness.send(3, 4, 5, 6, 7, 8);
            harness.runMails();
            assertThat(harness.output())
                    .containsExactly(
                            new StreamRecord<>(3L, 10),
                            new StreamRecord<>(5L, 20),
                            new Watermark(20),
                            new StreamRecord<>(9L, 40),
                            new StreamRecord<>(11L, 50),
                            new StreamRecord<>(13L, 60),
                            new StreamRecord<>(15L, 70),
                            new StreamRecord<>(17L, 80));
            assertThat(harness.deadLetterRecords())
                    .containsExactly(
                            new StreamRecord<>(
                                    new DeadLetter<>(
                                            3L,
                                            DeadLetter.Kind.UNSCORABLE,
                                            "value 3 is guilty",
                                            30),
                                    30));
            assertThat(harness.metrics.count(InferenceMetrics.BISECTIONS)).isEqualTo(1);
            assertThat(harness.metrics.count(InferenceMetrics.RECORDS_SCORED)).isEqualTo(7);
        }
    }

    @Test
    void outputsThatWaitForTheEndOfABisectionAreKept() throws Exception {
        engine.guiltyIf(value -> value == 2);
        ScoreReader<Long, Long> marksKept =
                new ScoreReader<>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public Long read(Long value, Slot slot, int row) throws Exception {
                        return TestingEngine.SCORES.read(value, slot, row);
                    }

                    @Override
                    public Long keep(Long output) {
                        return 1000 + output;
                    }
                };
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS, TestingEngine.FEATURES, marksKept)) {
            harness.send(1, 2, 3, 4);
            harness.runMails();
            harness.send(5, 6, 7, 8);
            harness.runMails();
            assertThat(harness.scores()).containsExactly(1003L, 1007L, 1009L, 11L, 13L, 15L, 17L);
        }
    }

    @Test
    void aGuiltyRecordOfItsOwnMicroBatchNeedsNoFurtherAttempt() throws Exception {
        engine.guiltyIf(value -> true);
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS.withLinger(Duration.ZERO))) {
            harness.flink.processElement(new StreamRecord<>(1L));
            harness.runMails();
            assertThat(engine.submittedRows()).containsExactly(1);
            assertThat(harness.deadLetters())
                    .containsExactly(
                            new DeadLetter<>(
                                    1L,
                                    DeadLetter.Kind.UNSCORABLE,
                                    "value 1 is guilty",
                                    DeadLetter.NO_TIMESTAMP));
            assertThat(harness.deadLetterRecords().get(0).hasTimestamp()).isFalse();
        }
    }

    @Test
    void retriesAPartOfABisection() throws Exception {
        engine.guiltyIf(value -> value == 4);
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            engine.complete(0);
            harness.runMails();
            engine.failNext(outOfMemory());
            engine.complete(0);
            harness.runMails();
            assertThat(engine.waiting()).isZero();
            harness.flink.setProcessingTime(50);
            harness.completeAll();
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L);
            assertThat(engine.submittedRows()).containsExactly(4, 2, 2, 2, 1, 1);
        }
    }

    @Test
    void aFatalFailureInABisectionFailsTheTask() throws Exception {
        engine.guiltyIf(value -> value == 4);
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            engine.complete(0);
            harness.runMails();
            engine.failNext(failure(EngineException.Kind.DEVICE_FATAL, "gone"));
            engine.complete(0);
            assertThatThrownBy(harness::runMails).hasMessageContaining("gone");
            assertThat(harness.output()).isEmpty();
        }
    }

    @Test
    void drainsABisectionBeforeTheBarrier() throws Exception {
        engine.guiltyIf(value -> value == 2).completeOnThread();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3);
            harness.flink.prepareSnapshotPreBarrier(1);
            assertThat(harness.scores()).containsExactly(3L, 7L);
            assertThat(harness.deadLetters()).hasSize(1);
        }
    }

    /** Random values, guilty shares, batch sizes, slots, completion orders and retries. */
    @RepeatedTest(60)
    void everyRecordIsScoredOrDeadAndNoneIsLost() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int rows = 1 + random.nextInt(70);
        int slots = 1 + random.nextInt(4);
        int guiltyShare = random.nextInt(4) == 0 ? 100 : random.nextInt(30);
        long salt = random.nextLong();
        TestingEngine subject = new TestingEngine(rows, slots).completeManually();
        subject.guiltyIf(value -> isGuilty(value, salt, guiltyShare));
        InferenceOptions options =
                OPTIONS.withMaxBatchSize(rows)
                        .withSlots(slots)
                        .withRetries(1000, Duration.ofMillis(1));
        List<Long> scores = new ArrayList<>();
        List<Long> dead = new ArrayList<>();
        List<Object> merged = new ArrayList<>();
        try (OperatorHarness harness = OperatorHarness.open(subject, options)) {
            int count = 300 + random.nextInt(700);
            long now = 0;
            for (long value = 0; value < count; value++) {
                while (subject.waiting() == slots || random.nextInt(1 + rows) == 0) {
                    if (subject.waiting() > 0) {
                        if (random.nextInt(10) == 0) {
                            subject.failNext(outOfMemory());
                        }
                        subject.complete(random.nextInt(subject.waiting()));
                    }
                    now += random.nextInt(3);
                    harness.flink.setProcessingTime(now);
                    harness.runMails();
                }
                progress(harness, subject);
                harness.send(value);
                subject.limitBatches(1 + random.nextInt(rows));
                if (random.nextInt(20) == 0) {
                    harness.flink.processWatermark(10 * value);
                }
                (isGuilty(value, salt, guiltyShare) ? dead : scores).add(value);
            }
            Thread completes = completeUntilDone(subject);
            harness.flink.endInput();
            completes.interrupt();
            completes.join();
            merged.addAll(harness.output());
            assertThat(harness.scores())
                    .containsExactlyElementsOf(scores.stream().map(TestingEngine::score).toList());
            assertThat(harness.deadLetters().stream().map(DeadLetter::element))
                    .containsExactlyElementsOf(dead);
        }
        assertWatermarksInPlace(merged);
        assertThat(subject.closes()).isEqualTo(1);
    }

    private static boolean isGuilty(long value, long salt, int share) {
        return Math.floorMod(((value ^ salt) * 0x9E3779B97F4A7C15L) >>> 17, 100) < share;
    }

    /** Lets the operator get a slot, so that the next element does not block the test. */
    private static void progress(OperatorHarness harness, TestingEngine engine) throws Exception {
        long now = harness.flink.getProcessingTime();
        while ((int) harness.metrics.value(InferenceMetrics.IN_FLIGHT) == engine.slots().size()) {
            if (engine.waiting() > 0) {
                engine.complete(0);
            }
            harness.flink.setProcessingTime(++now);
            harness.runMails();
        }
    }

    private static Thread completeUntilDone(TestingEngine engine) {
        Thread thread =
                new Thread(
                        () -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                engine.completeAll();
                                Thread.onSpinWait();
                            }
                        });
        thread.start();
        return thread;
    }

    /** A watermark of 10 v stands behind v and before v + 1. */
    private static void assertWatermarksInPlace(List<Object> output) {
        long latest = Long.MIN_VALUE;
        long watermark = Long.MIN_VALUE;
        for (Object element : output) {
            if (element instanceof Watermark mark) {
                watermark = mark.getTimestamp();
                assertThat(latest).isLessThanOrEqualTo(watermark);
            } else if (element instanceof StreamRecord<?> record) {
                latest = record.getTimestamp();
                assertThat(latest).isGreaterThan(watermark);
            }
        }
    }

    // Functions

    @Test
    void aRejectedRecordIsADeadLetterAtOnceAndItsRowIsReused() throws Exception {
        FeatureWriter<Long> rejectsEven =
                (value, slot, row) -> {
                    slot.input(0).putLong(row * Long.BYTES, -1);
                    if (value % 2 == 0) {
                        throw new RejectedRecordException("no field 'amount'");
                    }
                    TestingEngine.FEATURES.write(value, slot, row);
                };
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS, rejectsEven, TestingEngine.SCORES)) {
            harness.send(2);
            assertThat(harness.deadLetters())
                    .containsExactly(
                            new DeadLetter<>(
                                    2L, DeadLetter.Kind.UNDECODABLE, "no field 'amount'", 20));
            // A rejected record does not linger.
            assertThat(harness.flink.getProcessingTimeService().getNumActiveTimers())
                    .isEqualTo(OperatorHarness.TIMERS);
            harness.send(1, 4, 3, 6, 5, 7);
            harness.runMails();
            assertThat(harness.scores()).containsExactly(3L, 7L, 11L, 15L);
            assertThat(engine.submittedRows()).containsExactly(4);
        }
    }

    @Test
    void refusedScoresAreADeadLetter() throws Exception {
        ScoreReader<Long, Long> refusesSeven =
                (value, slot, row) -> {
                    long score = TestingEngine.SCORES.read(value, slot, row);
                    if (score == 7) {
                        throw new RejectedRecordException("score is seven");
                    }
                    return score;
                };
        engine.guiltyIf(value -> value == 6);
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS, TestingEngine.FEATURES, refusesSeven)) {
            harness.send(1, 2, 3, 4);
            // Once more inside a bisection.
            harness.send(3, 5, 6, 7);
            harness.runMails();
            assertThat(harness.scores()).containsExactly(3L, 5L, 9L, 11L, 15L);
            assertThat(harness.deadLetters())
                    .extracting(DeadLetter::kind)
                    .containsExactly(
                            DeadLetter.Kind.SCORE_REFUSED,
                            DeadLetter.Kind.SCORE_REFUSED,
                            DeadLetter.Kind.UNSCORABLE);
        }
    }

    @Test
    void withoutADeadLetterOutputABadRecordFailsTheTask() throws Exception {
        FeatureWriter<Long> rejects =
                (value, slot, row) -> {
                    throw new RejectedRecordException("no field 'amount'");
                };
        try (OperatorHarness harness =
                new OperatorHarness(engine, OPTIONS, rejects, TestingEngine.SCORES, null)) {
            harness.flink.open();
            assertThatThrownBy(() -> harness.send(1))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContainingAll("UNDECODABLE", "deadLetters(", "no field 'amount'");
        }
    }

    @Test
    void anyOtherExceptionOfAFunctionFailsTheTask() throws Exception {
        ScoreReader<Long, Long> broken =
                (value, slot, row) -> {
                    throw new IllegalStateException("a bug");
                };
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS, TestingEngine.FEATURES, broken)) {
            harness.send(1, 2, 3, 4);
            assertThatThrownBy(harness::runMails).hasMessage("a bug");
            assertThatThrownBy(() -> harness.send(5)).hasMessage("a bug");
        }
        assertThat(engine.closes()).isEqualTo(1);
    }
}
