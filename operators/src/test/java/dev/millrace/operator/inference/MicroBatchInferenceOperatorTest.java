package dev.millrace.operator.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.operator.batch.FlushReason;
import dev.millrace.operator.deadletter.DeadLetter;
import dev.millrace.operator.deadletter.RejectedRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batching, order, time, backpressure and draining. */
@Timeout(60)
class MicroBatchInferenceOperatorTest {
    private static final int ROWS = 3;
    private static final InferenceOptions OPTIONS =
            InferenceOptions.DEFAULT
                    .withMaxBatchSize(ROWS)
                    .withSlots(3)
                    .withLinger(Duration.ofMillis(5));

    private final TestingEngine engine = new TestingEngine(ROWS, 3);

    private OperatorHarness open() throws Exception {
        return OperatorHarness.open(engine, OPTIONS);
    }

    private static StreamRecord<Long> scored(long value) {
        return new StreamRecord<>(TestingEngine.score(value), 10 * value);
    }

    @Test
    void emitsTheScoresOfAFullMicroBatch() throws Exception {
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            harness.runMails();
            assertThat(harness.output()).containsExactly(scored(1), scored(2), scored(3));
            assertThat(engine.submittedRows()).containsExactly(3);
            assertThat(harness.metrics.count(InferenceMetrics.flushes(FlushReason.FULL)))
                    .isEqualTo(1);
        }
    }

    @Test
    void keepsTheOrderWhenCompletionsComeOutOfOrder() throws Exception {
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4, 5, 6, 7, 8, 9);
            engine.complete(2);
            harness.runMails();
            engine.complete(1);
            harness.runMails();
            assertThat(harness.output()).isEmpty();
            engine.complete(0);
            harness.runMails();
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L, 9L, 11L, 13L, 15L, 17L, 19L);
        }
    }

    @Test
    void oneMailServesAllCompletionsThatCameMeanwhile() throws Exception {
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4, 5, 6);
            engine.complete(1);
            engine.complete(0);
            assertThat(harness.flink.getTaskMailbox().size()).isEqualTo(1);
            harness.runMails();
            assertThat(harness.scores()).hasSize(6);
        }
    }

    @Test
    void keepsTheAbsenceOfATimestamp() throws Exception {
        try (OperatorHarness harness = open()) {
            harness.flink.processElement(new StreamRecord<>(1L, 10));
            harness.flink.processElement(new StreamRecord<>(2L));
            harness.flink.processElement(new StreamRecord<>(3L, Long.MIN_VALUE));
            harness.runMails();
            assertThat(harness.output())
                    .containsExactly(
                            new StreamRecord<>(3L, 10),
                            new StreamRecord<>(5L),
                            new StreamRecord<>(7L, Long.MIN_VALUE));
        }
    }

    @Test
    void signalsKeepTheirPlaceBetweenRecords() throws Exception {
        engine.completeManually();
        LatencyMarker marker = new LatencyMarker(1, new OperatorID(1, 2), 0);
        WatermarkEvent event = new WatermarkEvent();
        try (OperatorHarness harness = open()) {
            harness.send(1);
            harness.flink.processWatermark(10);
            harness.send(2);
            harness.flink.processWatermarkStatus(WatermarkStatus.IDLE);
            harness.flink.processWatermarkStatus(WatermarkStatus.ACTIVE);
            harness.send(3);
            // Behind the full micro-batch, with none open.
            harness.flink.processWatermark(30);
            harness.flink.processRecordAttributes(new RecordAttributes(true));
            harness.send(4);
            harness.flink.getOneInputOperator().processLatencyMarker(marker);
            harness.send(5);
            harness.flink.getOneInputOperator().processWatermark(event);
            harness.send(6);
            engine.complete(1);
            harness.runMails();
            assertThat(harness.output()).isEmpty();
            engine.complete(0);
            harness.runMails();
            assertThat(harness.output())
                    .containsExactly(
                            scored(1),
                            new Watermark(10),
                            scored(2),
                            WatermarkStatus.IDLE,
                            WatermarkStatus.ACTIVE,
                            scored(3),
                            new Watermark(30),
                            new RecordAttributes(true),
                            scored(4),
                            marker,
                            scored(5),
                            event,
                            scored(6));
        }
    }

    @Test
    void aSignalWithNothingBeforeItPassesAtOnce() throws Exception {
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.flink.processWatermark(1);
            assertThat(harness.output()).containsExactly(new Watermark(1));
            harness.send(1, 2, 3);
            engine.complete(0);
            harness.runMails();
            harness.flink.processWatermark(30);
            assertThat(harness.output())
                    .containsExactly(
                            new Watermark(1), scored(1), scored(2), scored(3), new Watermark(30));
        }
    }

    @Test
    void aSignalBehindARejectedFirstRecordWaitsForTheMicroBatchBefore() throws Exception {
        engine.completeManually();
        FeatureWriter<Long> refusesFour =
                (value, slot, row) -> {
                    if (value == 4) {
                        throw new RejectedRecordException("four");
                    }
                    TestingEngine.FEATURES.write(value, slot, row);
                };
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS, refusesFour, TestingEngine.SCORES)) {
            harness.send(1, 2, 3, 4);
            harness.flink.processWatermark(40);
            assertThat(harness.output()).isEmpty();
            engine.complete(0);
            harness.runMails();
            assertThat(harness.output())
                    .containsExactly(scored(1), scored(2), scored(3), new Watermark(40));
        }
    }

    /** Flink says 4 when that millisecond is over, so five have passed. */
    @Test
    void flushesWhenLingerExpires() throws Exception {
        try (OperatorHarness harness = open()) {
            harness.send(1, 2);
            harness.flink.setProcessingTime(3);
            harness.runMails();
            assertThat(harness.output()).isEmpty();
            harness.flink.setProcessingTime(4);
            harness.runMails();
            assertThat(harness.output()).containsExactly(scored(1), scored(2));
            assertThat(harness.metrics.count(InferenceMetrics.flushes(FlushReason.LINGER)))
                    .isEqualTo(1);
            assertThat(harness.metrics.histogram(InferenceMetrics.FILL).getStatistics().getMax())
                    .isEqualTo(4000);
        }
    }

    @Test
    void doesNotRelyOnATimerThatIsLate() throws Exception {
        TestingEngine large = new TestingEngine(64, 3);
        try (OperatorHarness harness = OperatorHarness.open(large, OPTIONS.withMaxBatchSize(64))) {
            harness.send(LongStream.range(0, 12).toArray());
            var unused = harness.flink.getProcessingTimeService().quiesce();
            harness.flink.setProcessingTime(6);
            harness.send(LongStream.range(12, 15).toArray());
            assertThat(large.submittedRows()).isEmpty();
            harness.send(15, 16);
            assertThat(large.submittedRows()).containsExactly(16);
        }
    }

    @Test
    void aTimerOfAnEarlierMicroBatchDoesNotCloseTheNextOneEarly() throws Exception {
        try (OperatorHarness harness = open()) {
            harness.send(1);
            harness.flink.setProcessingTime(3);
            harness.send(2, 3);
            harness.send(4);
            harness.flink.setProcessingTime(4);
            harness.flink.setProcessingTime(6);
            harness.runMails();
            assertThat(engine.submittedRows()).containsExactly(3);
            harness.flink.setProcessingTime(7);
            assertThat(engine.submittedRows()).containsExactly(3, 1);
        }
    }

    @Test
    void setsOneTimerForManyMicroBatches() throws Exception {
        try (OperatorHarness harness = open()) {
            for (long value = 0; value < 300; value++) {
                harness.send(value);
                harness.runMails();
                assertThat(harness.flink.getProcessingTimeService().getNumActiveTimers())
                        .isLessThanOrEqualTo(OperatorHarness.TIMERS + 1);
            }
            assertThat(engine.submittedRows()).hasSize(100);
        }
    }

    @Test
    void withoutLingerEveryRecordIsSubmittedAtOnce() throws Exception {
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS.withLinger(Duration.ZERO))) {
            harness.send(1, 2);
            harness.runMails();
            assertThat(engine.submittedRows()).containsExactly(1, 1);
            assertThat(harness.scores()).containsExactly(3L, 5L);
        }
    }

    @Test
    void theEngineLimitsTheSize() throws Exception {
        try (OperatorHarness harness = open()) {
            engine.limitBatches(2);
            harness.send(1, 2, 3, 4);
            engine.limitBatches(3);
            harness.send(5, 6, 7);
            harness.runMails();
            assertThat(engine.submittedRows()).containsExactly(2, 2, 3);
        }
    }

    @Test
    void waitsForASlotWhileTheWindowIsFull() throws Exception {
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(harness.metrics.value(InferenceMetrics.IN_FLIGHT)).isEqualTo(3);
            AtomicBoolean freed = new AtomicBoolean();
            Thread completes =
                    new Thread(
                            () -> {
                                // Out of order first: that frees nothing.
                                engine.complete(1);
                                freed.set(true);
                                engine.complete(0);
                            });
            completes.start();
            harness.send(10);
            assertThat(freed).isTrue();
            completes.join();
            harness.runMails();
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L, 9L, 11L, 13L);
            assertThat(engine.submittedRows()).containsExactly(3, 3, 3);
        }
    }

    @Test
    void drainsBeforeTheBarrier() throws Exception {
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            harness.flink.processWatermark(40);
            Thread completes = harness.completeWhenWaiting(2);
            harness.flink.prepareSnapshotPreBarrier(1);
            completes.join();
            assertThat(harness.output())
                    .containsExactly(scored(1), scored(2), scored(3), scored(4), new Watermark(40));
            assertThat(harness.metrics.count(InferenceMetrics.flushes(FlushReason.CHECKPOINT)))
                    .isEqualTo(1);
            assertThat(harness.metrics.histogram(InferenceMetrics.DRAIN).getCount()).isEqualTo(1);
            assertThat(harness.metrics.value(InferenceMetrics.IN_FLIGHT)).isEqualTo(0);
            // Goes on afterwards.
            harness.send(5, 6, 7);
            harness.completeAll();
            assertThat(harness.scores()).hasSize(7);
        }
    }

    @Test
    void aLingerTimerThatFiresWhileDrainingIsIgnored() throws Exception {
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.send(1);
            Thread completes = harness.completeWhenWaiting(1);
            harness.flink.prepareSnapshotPreBarrier(1);
            completes.join();
            harness.flink.setProcessingTime(5);
            assertThat(engine.submittedRows()).containsExactly(1);
        }
    }

    @Test
    void anEmptyOperatorPassesTheBarrierAtOnce() throws Exception {
        try (OperatorHarness harness = open()) {
            harness.flink.prepareSnapshotPreBarrier(1);
            assertThat(engine.submittedRows()).isEmpty();
        }
    }

    @Test
    void endOfInputFlushesWithoutTimers() throws Exception {
        engine.completeOnThread();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4);
            harness.flink.endInput();
            assertThat(harness.scores()).containsExactly(3L, 5L, 7L, 9L);
            assertThat(harness.metrics.count(InferenceMetrics.flushes(FlushReason.END_OF_INPUT)))
                    .isEqualTo(1);
        }
    }

    @Test
    void closesTheEngineOnceWithoutEndOfInput() throws Exception {
        OperatorHarness harness = open();
        harness.send(1);
        harness.close();
        assertThat(engine.closes()).isEqualTo(1);
        assertThat(harness.output()).isEmpty();
        harness.flink.getOperator().close();
        assertThat(engine.closes()).isEqualTo(1);
    }

    @Test
    void closesWhileMicroBatchesAreInFlight() throws Exception {
        engine.completeManually();
        OperatorHarness harness = open();
        harness.send(1, 2, 3, 4, 5, 6, 7);
        harness.close();
        assertThat(engine.closes()).isEqualTo(1);
        assertThat(engine.waiting()).isZero();
        assertThat(harness.output()).isEmpty();
    }

    @Test
    void aCompletionAfterTheMailboxIsClosedIsNobodysBusiness() throws Exception {
        engine.completeManually();
        try (OperatorHarness harness = open()) {
            harness.send(1, 2, 3, 4, 5, 6);
            harness.flink.getTaskMailbox().quiesce();
            engine.complete(0);
            engine.complete(0);
            assertThat(harness.output()).isEmpty();
        }
    }

    @Test
    void opensFunctionsWithTheModelAndClosesThemAfterTheEngine() throws Exception {
        List<String> events = new ArrayList<>();
        FeatureWriter<Long> features =
                new FeatureWriter<>() {
                    @Override
                    public void open(ServedModel model, RuntimeContext context) {
                        events.add("features of " + model.version() + model.signature().inputs());
                    }

                    @Override
                    public void write(Long value, Slot slot, int row) throws Exception {
                        TestingEngine.FEATURES.write(value, slot, row);
                    }

                    @Override
                    public void close() {
                        events.add("features closed, engine closed " + engine.closes());
                    }
                };
        ScoreReader<Long, Long> scores =
                new ScoreReader<>() {
                    @Override
                    public void open(ServedModel model, RuntimeContext context) {
                        events.add("scores by " + model.engine().backend());
                    }

                    @Override
                    public Long read(Long value, Slot slot, int row) {
                        return value;
                    }

                    @Override
                    public void close() {
                        events.add("scores closed, engine closed " + engine.closes());
                    }
                };
        OperatorHarness harness = OperatorHarness.open(engine, OPTIONS, features, scores);
        assertThat(events)
                .containsExactly(
                        "features of testing:1" + engine.signature().inputs(), "scores by testing");
        events.clear();
        harness.close();
        assertThat(events)
                .containsExactly(
                        "scores closed, engine closed 1", "features closed, engine closed 1");
    }

    @Test
    void closesTheEngineWhenAFunctionDoesNotOpen() throws Exception {
        FeatureWriter<Long> refuses =
                new FeatureWriter<>() {
                    @Override
                    public void open(ServedModel model, RuntimeContext context) {
                        throw new IllegalArgumentException("no such input");
                    }

                    @Override
                    public void write(Long value, Slot slot, int row) {}
                };
        try (OperatorHarness harness =
                new OperatorHarness(
                        engine, OPTIONS, refuses, TestingEngine.SCORES, OperatorHarness.DEAD)) {
            assertThatThrownBy(harness.flink::open).hasMessageContaining("no such input");
        }
        assertThat(engine.closes()).isEqualTo(1);
    }

    @Test
    void registersEveryMetricThatIsDeclared() throws Exception {
        engine.onDevice(TestingDevice.PREFIX + "declared");
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS, TestingEngine.FEATURES, countingScores())) {
            List<String> declared =
                    InferenceMetrics.declared().stream().map(MetricDescription::name).toList();
            assertThat(declared).doesNotHaveDuplicates();
            assertThat(harness.metrics.registered.keySet())
                    .extracting(name -> name.replaceFirst("\\{.*", ""))
                    .containsExactlyInAnyOrderElementsOf(declared);
            assertThat(InferenceMetrics.declared())
                    .allSatisfy(metric -> assertThat(metric.description()).endsWith("."));
        }
    }

    private static ScoreReader<Long, Long> countingScores() {
        return new ScoreReader<>() {
            private transient Counter records;

            @Override
            public void open(ServedModel model, RuntimeContext context) {
                records =
                        InferenceMetrics.versionRecords(
                                context.getMetricGroup(), model.version(), false);
            }

            @Override
            public Long read(Long value, Slot slot, int row) throws Exception {
                records.inc();
                return TestingEngine.SCORES.read(value, slot, row);
            }
        };
    }

    @Test
    void saysByLabelsWhichVersionScores() throws Exception {
        String labels =
                "model=testing,version=%s,backend=testing,device=CPU,precision=fp32,exactness=portable";
        try (OperatorHarness harness = open()) {
            engine.release(new ModelVersion("testing", "2", "2".repeat(64)));
            harness.send(1, 2, 3);
            harness.runMails();
            RecordingMetrics metrics = harness.metrics;
            assertThat(metrics.value(InferenceMetrics.SERVING, labels.formatted(1))).isEqualTo(0);
            assertThat(metrics.value(InferenceMetrics.SERVING, labels.formatted(2))).isEqualTo(1);
            assertThat(metrics.value(InferenceMetrics.MODEL_VERSION)).isEqualTo("testing:2");

            // A late record, or a rollback: its gauge is there already.
            engine.release(TestingEngineProvider.VERSION);
            harness.send(4, 5, 6);
            harness.runMails();
            assertThat(metrics.value(InferenceMetrics.SERVING, labels.formatted(1))).isEqualTo(1);
            assertThat(metrics.value(InferenceMetrics.SERVING, labels.formatted(2))).isEqualTo(0);
        }
    }

    @Test
    void saysByLabelsWhichEngineScores() throws Exception {
        String device =
                "model=testing,version=1,backend=testing,device=%s,precision=fp32,exactness=portable";
        try (OperatorHarness harness = open()) {
            String before = device.formatted("CPU");
            assertThat(harness.metrics.value(InferenceMetrics.SERVING, before)).isEqualTo(1);
            engine.fallBack();
            harness.send(1, 2, 3);
            harness.runMails();
            assertThat(harness.metrics.value(InferenceMetrics.SERVING, before)).isEqualTo(0);
            assertThat(harness.metrics.value(InferenceMetrics.SERVING, device.formatted("twin")))
                    .isEqualTo(1);
        }
    }

    @Test
    void readsTheGpuThatScores() throws Exception {
        engine.onDevice(TestingDevice.PREFIX + "read");
        try (OperatorHarness harness = open()) {
            String labels = "gpu=" + TestingDevice.PREFIX + "read";
            RecordingMetrics metrics = harness.metrics;
            assertThat(metrics.value(InferenceMetrics.GPU_ANSWERS, labels)).isEqualTo(1);
            assertThat(metrics.value(InferenceMetrics.GPU_UTILISATION, labels)).isEqualTo(0.5);
            assertThat(metrics.value(InferenceMetrics.GPU_MEMORY_USED, labels)).isEqualTo(20.0);
            assertThat(metrics.value(InferenceMetrics.GPU_MEMORY_TOTAL, labels)).isEqualTo(80.0);
            assertThat(metrics.value(InferenceMetrics.GPU_TEMPERATURE, labels)).isEqualTo(60.0);
            assertThat(metrics.value(InferenceMetrics.GPU_POWER, labels)).isEqualTo(250.0);
            assertThat(metrics.value(InferenceMetrics.GPU_ENERGY, labels)).isEqualTo(0.0);
        }
    }

    @Test
    void saysOnceAMinuteHowItIsGoing() throws Exception {
        try (LogLines log = new LogLines(MicroBatchInferenceOperator.class);
                OperatorHarness harness = open()) {
            harness.send(1, 2, 3);
            harness.runMails();
            assertThat(log.lines()).isEmpty();
            harness.flink.setProcessingTime(60_000);
            assertThat(log.lines()).hasSize(1);
            assertThat(log.lines().get(0))
                    .contains(" (1/1): 3 records in, ")
                    .contains("; 3 scored, 0 dead; latency p99 ")
                    .contains("; micro-batches of 3 rows; last record ")
                    .endsWith(" ms old; 0 of 3 slots in flight; testing on CPU scores testing:1");
            assertThat(log.context(0)).containsEntry(LogContext.MODEL, "testing:1");
            engine.release(new ModelVersion("testing", "2", "2".repeat(64)));
            harness.flink.setProcessingTime(120_000);
            assertThat(log.lines()).hasSize(2);
            assertThat(log.lines().get(1))
                    .contains("3 records in, 0/s;")
                    .endsWith("testing on CPU scores testing:2");
        }
    }

    @Test
    void saysHowOldTheLastRecordIs() throws Exception {
        try (OperatorHarness harness = open()) {
            assertThat(harness.metrics.value(InferenceMetrics.RECORD_AGE)).isEqualTo(-1L);
            harness.flink.setProcessingTime(50);
            harness.send(1, 2, 3);
            harness.runMails();
            assertThat(harness.metrics.value(InferenceMetrics.RECORD_AGE)).isEqualTo(20L);
        }
    }

    @Test
    void withoutAGpuThereAreNoMetricsOfOne() throws Exception {
        try (OperatorHarness harness = open()) {
            assertThat(harness.metrics.registered.keySet())
                    .noneMatch(name -> name.contains("gpu="))
                    .contains(InferenceMetrics.RECORDS_IN.name());
        }
    }

    @Test
    void countsWhatComesInAndGoesOut() throws Exception {
        FeatureWriter<Long> refusesTwo =
                (value, slot, row) -> {
                    if (value == 2) {
                        throw new RejectedRecordException("two");
                    }
                    TestingEngine.FEATURES.write(value, slot, row);
                };
        try (OperatorHarness harness =
                OperatorHarness.open(engine, OPTIONS, refusesTwo, TestingEngine.SCORES)) {
            harness.send(1, 2, 3, 4, 5);
            harness.runMails();
            harness.flink.endInput();
            RecordingMetrics metrics = harness.metrics;
            assertThat(metrics.count(InferenceMetrics.RECORDS_IN)).isEqualTo(5);
            assertThat(metrics.count(InferenceMetrics.RECORDS_SCORED)).isEqualTo(4);
            assertThat(metrics.count(InferenceMetrics.deadLetters(DeadLetter.Kind.UNDECODABLE)))
                    .isEqualTo(1);
            assertThat(metrics.histogram(InferenceMetrics.MICRO_BATCH_ROWS).getCount())
                    .isEqualTo(2);
            assertThat(metrics.value(InferenceMetrics.MODEL_VERSION)).isEqualTo("testing:1");
            assertThat(metrics.value(InferenceMetrics.SLOTS)).isEqualTo(3);
            assertThat(metrics.value(InferenceMetrics.TARGET_ROWS)).isEqualTo(3);
            assertThat((String) metrics.value(InferenceMetrics.ENGINE)).startsWith("testing on");
        }
    }

    @Test
    void anAdaptiveOperatorTellsItsPolicyWhatHappened() throws Exception {
        TestingEngine large = new TestingEngine(64, 2).completeManually();
        InferenceOptions adaptive =
                OPTIONS.withMaxBatchSize(64).withTargetLatency(Duration.ofMillis(10));
        try (OperatorHarness harness = OperatorHarness.open(large, adaptive)) {
            assertThat(harness.metrics.value(InferenceMetrics.TARGET_ROWS)).isEqualTo(16);
            for (long value = 0; value < 16; value++) {
                harness.send(value);
            }
            harness.flink.setProcessingTime(11);
            harness.completeAll();
            assertThat(harness.metrics.value(InferenceMetrics.TARGET_ROWS)).isEqualTo(13);
        }
    }

    @Test
    void chainsToWhateverIsUpstream() {
        assertThat(
                        new MicroBatchInferenceOperatorFactory<>(
                                        new TestingEngineProvider(),
                                        TestingEngine.FEATURES,
                                        TestingEngine.SCORES,
                                        OPTIONS,
                                        null,
                                        true)
                                .getChainingStrategy())
                .isEqualTo(ChainingStrategy.ALWAYS);
    }
}
