package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.operator.batch.BatchPolicy;
import dev.millrace.operator.batch.FlushReason;
import dev.millrace.operator.batch.InFlightWindow;
import dev.millrace.operator.batch.MicroBatch;
import dev.millrace.operator.batch.MicroBatcher;
import dev.millrace.operator.batch.Signal;
import dev.millrace.operator.deadletter.DeadLetter;
import dev.millrace.operator.deadletter.RejectedRecordException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.clock.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Scores a stream in micro-batches.
 *
 * <p><b>A record's way.</b> Its features go straight into the next row of the open micro-batch's
 * slot. A full micro-batch, or one that lingered, is submitted and waits in the in-flight window.
 * The engine's thread marks it when done and posts one mail; the mail releases finished
 * micro-batches from the window's head, in order.
 *
 * <p><b>Backpressure.</b> With no free slot the task yields to its mailbox, so the source is not
 * polled. In-flight work is bounded by the engine's slots.
 *
 * <p><b>Order.</b> Records leave in the order they came. Watermarks, watermark statuses, record
 * attributes and latency markers keep their place between them. Dead letters leave on a side
 * output.
 *
 * <p><b>Checkpoints.</b> The window is drained before the barrier, so there is no state. A
 * micro-batch is emitted in one go: it could be cut into chunks with mails between them, but the
 * barrier would have to wait for all of them anyway.
 *
 * <p><b>Threads.</b> The task thread owns everything. Every yield is re-entrant: completions and
 * timers run inside it, so what was read before a yield is read again after it. Downstream
 * operators in the chain may yield too, but never run this operator's mails.
 *
 * <p><b>Failure.</b> The first failure of the engine wins; it is thrown by the mail that finds it,
 * or, if that runs inside a yield of this operator, by the call that yielded, and again by every
 * later call.
 */
public final class MicroBatchInferenceOperator<IN, OUT> extends AbstractStreamOperator<OUT>
        implements OneInputStreamOperator<IN, OUT>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    /** The clock costs too much to look at it for every record. */
    private static final int ROWS_BETWEEN_LOOKS = 16;

    /** Not the one of the class above, whose name is Flink's. */
    private static final Logger LOG = LoggerFactory.getLogger(MicroBatchInferenceOperator.class);

    private final transient EngineProvider engines;
    private final transient FeatureWriter<IN> features;
    private final transient ScoreReader<IN, OUT> scores;
    private final transient InferenceOptions options;
    private final transient OutputTag<DeadLetter<IN>> deadLetterTag;
    private final transient boolean copyInputs;
    private final transient MailboxExecutor mailbox;
    private final transient Clock clock;

    private final transient AtomicBoolean mailPosted = new AtomicBoolean();
    private final transient AtomicReference<Exception> failure = new AtomicReference<>();

    private transient ServingModel<IN, OUT> model;
    private transient MicroBatcher<IN, OUT> batcher;
    private transient InFlightWindow<IN, OUT> window;
    private transient FailureRecovery<IN, OUT> recovery;
    private transient ScoreEmitter<IN, OUT> emitter;
    private transient DeadLetterOutput<IN> deadLetters;
    private transient LingerTimer lingerTimer;
    private transient InferenceMetrics inferenceMetrics;
    private transient ServingInfo serving;
    private transient StatusLine status;
    private transient volatile long recordAgeMs = -1;

    /** Null where no device scores, or none that can be watched. */
    private transient DeviceWatch device;

    private transient TypeSerializer<IN> copySerializer;
    private transient boolean yielding;
    private transient boolean releasing;
    private transient boolean inputEnded;

    MicroBatchInferenceOperator(
            StreamOperatorParameters<OUT> parameters,
            EngineProvider engines,
            FeatureWriter<IN> features,
            ScoreReader<IN, OUT> scores,
            InferenceOptions options,
            OutputTag<DeadLetter<IN>> deadLetterTag,
            boolean copyInputs) {
        super(parameters);
        this.engines = engines;
        this.features = features;
        this.scores = scores;
        this.options = options;
        this.deadLetterTag = deadLetterTag;
        this.copyInputs = copyInputs;
        this.mailbox = parameters.getMailboxExecutor();
        this.clock = getProcessingTimeService().getClock();
    }

    @Override
    public void open() throws Exception {
        super.open();
        BatchPolicy policy = options.newPolicy();
        inferenceMetrics = new InferenceMetrics(getMetricGroup());
        model = openModel();
        // For whatever this thread logs from here on, until a release says otherwise.
        MDC.put(LogContext.MODEL, model.version().toString());
        features.open(model, getRuntimeContext());
        scores.open(model, getRuntimeContext());
        batcher = new MicroBatcher<>(policy);
        window = new InFlightWindow<>(model.slots());
        deadLetters = new DeadLetterOutput<>(output, deadLetterTag, inferenceMetrics);
        emitter = new ScoreEmitter<>(output, scores, deadLetters, inferenceMetrics);
        recovery = new FailureRecovery<>(model, inferenceMetrics, options, this::retryLater);
        lingerTimer = new LingerTimer(getProcessingTimeService(), new LingerExpiry());
        copySerializer = serializerForCopies();
        inferenceMetrics.engineGauges(model);
        serving = new ServingInfo(inferenceMetrics, model);
        device =
                model.deviceId()
                        .flatMap(id -> DeviceWatch.shared(id, clock::relativeTimeNanos))
                        .orElse(null);
        if (device != null) {
            inferenceMetrics.deviceGauges(device);
        } else if (model.deviceId().isEmpty()) {
            DeviceWatch.noDevice(model.engine());
        }
        status = new StatusLine(inferenceMetrics, model, window, clock.relativeTimeNanos());
        reportLater();
        inferenceMetrics.gauge(InferenceMetrics.IN_FLIGHT, window::size);
        inferenceMetrics.gauge(InferenceMetrics.SLOTS, window::capacity);
        inferenceMetrics.gauge(InferenceMetrics.RECORD_AGE, () -> recordAgeMs);
        inferenceMetrics.gauge(InferenceMetrics.TARGET_ROWS, policy::targetRows);
        inferenceMetrics.gauge(InferenceMetrics.LINGER, () -> policy.lingerNanos() / 1000);
    }

    private ServingModel<IN, OUT> openModel() throws Exception {
        EngineRequest request =
                new EngineRequest(options.maxBatchSize(), options.slots(), getRuntimeContext());
        Engine engine = engines.open(request);
        try {
            return new ServingModel<>(
                    engines.modelVersion(), engine, features, scores, new MailCompletions());
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /** The input's serializer where elements must be copied to be kept, else null. */
    private TypeSerializer<IN> serializerForCopies() {
        if (!copyInputs || !getExecutionConfig().isObjectReuseEnabled()) {
            return null;
        }
        TypeSerializer<IN> serializer =
                getOperatorConfig().getTypeSerializerIn(0, getUserCodeClassloader());
        return serializer.isImmutableType() ? null : serializer;
    }

    @Override
    public void processElement(StreamRecord<IN> record) throws Exception {
        checkFailure();
        if (!batcher.hasBatch()) {
            awaitSlot();
        }
        MicroBatch<IN, OUT> batch = batcher.batch();
        IN element = record.getValue();
        try {
            features.write(element, batch.slot(), batch.rows());
        } catch (RejectedRecordException e) {
            reject(record, e);
            return;
        }
        boolean first = batch.isEmpty();
        if (first) {
            batcher.open(model.batchLimit(), clock.relativeTimeNanos());
        }
        IN kept = copySerializer == null ? element : copySerializer.copy(element);
        if (batcher.append(kept, record.getTimestamp(), record.hasTimestamp())) {
            flush(FlushReason.FULL);
        } else if (first) {
            startLinger();
        } else if (batch.rows() % ROWS_BETWEEN_LOOKS == 0
                && batcher.lingerExpired(clock.relativeTimeNanos())) {
            // Where processors are busy its timer comes late.
            flush(FlushReason.LINGER);
        }
    }

    private void startLinger() {
        if (batcher.lingerNanos() == 0) {
            flush(FlushReason.LINGER);
            return;
        }
        lingerTimer.opened(batcher.batch().id(), batcher.lingerNanos());
    }

    private void reject(StreamRecord<IN> record, RejectedRecordException cause)
            throws InferenceException {
        inferenceMetrics.recordsIn.inc();
        deadLetters.emit(
                record.getValue(),
                record.getTimestamp(),
                record.hasTimestamp(),
                DeadLetter.Kind.UNDECODABLE,
                cause);
    }

    /** Waits for a free slot: the in-flight window is full, and this is the backpressure. */
    private void awaitSlot() throws Exception {
        if (!model.hasFree()) {
            long since = clock.relativeTimeNanos();
            while (!model.hasFree()) {
                yieldToMailbox();
            }
            inferenceMetrics.backpressureMicros.inc((clock.relativeTimeNanos() - since) / 1000);
        }
        batcher.use(model.takeFree());
    }

    private void flush(FlushReason reason) {
        MicroBatch<IN, OUT> batch = batcher.close(reason, clock.relativeTimeNanos());
        window.add(batch);
        inferenceMetrics.recordsIn.inc(batch.rows());
        inferenceMetrics.flushCounter(reason).inc();
        model.submit(batch);
    }

    private void drain(FlushReason reason) throws Exception {
        checkFailure();
        if (!batcher.isEmpty()) {
            flush(reason);
        }
        while (!window.isEmpty()) {
            yieldToMailbox();
        }
    }

    /** Runs one mail: a completion, a timer, or a mail of an operator further down. */
    private void yieldToMailbox() throws Exception {
        yielding = true;
        try {
            mailbox.yield();
        } finally {
            yielding = false;
        }
        checkFailure();
    }

    /** The mail that completions post: looks at the whole window, so one mail may serve several. */
    private void onMail() throws Exception {
        mailPosted.set(false);
        try {
            for (int position = 0; position < window.size(); position++) {
                recovery.settle(window.get(position));
            }
            releaseFinished();
        } catch (Exception e) {
            failure.compareAndSet(null, e);
        }
        if (!yielding) {
            checkFailure();
        }
    }

    private void releaseFinished() throws Exception {
        if (releasing) {
            return;
        }
        releasing = true;
        try {
            while (!window.isEmpty() && window.head().isReleasable()) {
                MicroBatch<IN, OUT> batch = window.head();
                emitter.emit(batch);
                measure(batch, clock.relativeTimeNanos());
                window.removeHead();
                model.giveBack(batch);
            }
        } finally {
            releasing = false;
        }
    }

    private void measure(MicroBatch<IN, OUT> batch, long nowNanos) {
        inferenceMetrics.microBatchRows.update(batch.rows());
        inferenceMetrics.fillMicros.update((batch.submittedNanos() - batch.openedNanos()) / 1000);
        inferenceMetrics.serviceMicros.update(
                (batch.completedNanos() - batch.submittedNanos()) / 1000);
        inferenceMetrics.queueMicros.update((nowNanos - batch.completedNanos()) / 1000);
        inferenceMetrics.latencyMicros.update((nowNanos - batch.openedNanos()) / 1000);
        int last = batch.rows() - 1;
        if (batch.hasTimestamp(last)) {
            recordAgeMs = Math.max(0, clock.absoluteTimeMillis() - batch.timestamp(last));
        }
        serving.check();
        if (device != null) {
            device.scored(batch.rows());
        }
        batcher.released(batch, nowNanos);
    }

    private void reportLater() {
        long nextMs = getProcessingTimeService().getCurrentProcessingTime() + StatusLine.PERIOD_MS;
        var unused = getProcessingTimeService().registerTimer(nextMs, time -> report());
    }

    /** Says in the log how it is going. */
    private void report() {
        LOG.info(
                "{} ({}/{}): {}",
                getRuntimeContext().getJobInfo().getJobName(),
                getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() + 1,
                getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks(),
                status.next(clock.relativeTimeNanos(), recordAgeMs));
        reportLater();
    }

    private void checkFailure() throws Exception {
        Exception first = failure.get();
        if (first != null) {
            throw first;
        }
    }

    private void retryLater(MicroBatch<IN, OUT> batch, long delayMs) {
        if (inputEnded) {
            model.submit(batch);
            return;
        }
        long batchId = batch.id();
        long dueMs = getProcessingTimeService().getCurrentProcessingTime() + delayMs;
        var unused = getProcessingTimeService().registerTimer(dueMs, time -> retry(batch, batchId));
    }

    private void retry(MicroBatch<IN, OUT> batch, long batchId) {
        if (batch.id() == batchId && batch.isDelayed()) {
            model.submit(batch);
        }
    }

    /** Submits what waits for another attempt. */
    private void resubmit() {
        for (int position = 0; position < window.size(); position++) {
            MicroBatch<IN, OUT> batch = window.get(position);
            if (batch.isDelayed()) {
                model.submit(batch);
            }
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        inOrder(() -> super.processWatermark(mark));
    }

    @Override
    public void processWatermark(WatermarkEvent watermark) throws Exception {
        inOrder(() -> super.processWatermark(watermark));
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        inOrder(() -> super.processWatermarkStatus(status));
    }

    @Override
    public void processRecordAttributes(RecordAttributes attributes) throws Exception {
        inOrder(() -> super.processRecordAttributes(attributes));
    }

    @Override
    public void processLatencyMarker(LatencyMarker marker) throws Exception {
        inOrder(() -> super.processLatencyMarker(marker));
    }

    /** Sends a signal on when all records before it are out: at once if none is held. */
    private void inOrder(Signal signal) throws Exception {
        checkFailure();
        if (!batcher.isEmpty()) {
            batcher.batch().append(signal);
        } else if (!window.isEmpty()) {
            window.tail().append(signal);
        } else {
            signal.release();
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        long since = clock.relativeTimeNanos();
        drain(FlushReason.CHECKPOINT);
        inferenceMetrics.drainMicros.update((clock.relativeTimeNanos() - since) / 1000);
    }

    @Override
    public void endInput() throws Exception {
        // Timers are about to be switched off: nothing may be left to one.
        inputEnded = true;
        resubmit();
        drain(FlushReason.END_OF_INPUT);
    }

    /**
     * Also called after a failure, at any point, and when the task is cancelled. What fails here is
     * logged: thrown by a task that has failed already, it would end the TaskManager.
     */
    @Override
    public void close() throws Exception {
        if (model != null) {
            try {
                model.close();
            } catch (Exception e) {
                LOG.error("An engine failed while it was closed: {}", e.getMessage(), e);
            }
        }
        super.close();
    }

    /** Engine's thread. */
    private final class MailCompletions implements ServingModel.Completions {
        @Override
        public long nanoTime() {
            return clock.relativeTimeNanos();
        }

        @Override
        public void onCompleted() {
            if (!mailPosted.compareAndSet(false, true)) {
                return;
            }
            try {
                mailbox.execute(MicroBatchInferenceOperator.this::onMail, "Micro-batch completed");
            } catch (RejectedExecutionException e) {
                // The task is ending; nobody waits for this micro-batch any more.
                LOG.debug("A micro-batch completed after the mailbox was closed", e);
            }
        }

        @Override
        public void onMisbehaved(RuntimeException violation) {
            failure.compareAndSet(
                    null,
                    new InferenceException(
                            "The engine has broken its contract: " + violation.getMessage(),
                            violation));
            onCompleted();
        }
    }

    private final class LingerExpiry implements LingerTimer.Expiry {
        @Override
        public boolean isOpen(long batchId) {
            return batcher.isOpen(batchId);
        }

        @Override
        public void onLingered() {
            flush(FlushReason.LINGER);
        }
    }
}
