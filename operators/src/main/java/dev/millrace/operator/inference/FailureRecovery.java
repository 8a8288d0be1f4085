package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.operator.batch.Bisection;
import dev.millrace.operator.batch.MicroBatch;
import dev.millrace.operator.deadletter.RejectedRecordException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What becomes of a micro-batch that the engine failed on. Bad input: bisected until the guilty
 * records stand alone. Retryable: tried again, a bounded number of times. Everything else fails the
 * task. The micro-batch keeps its place in the window throughout. Task thread only.
 */
final class FailureRecovery<IN, OUT> {
    private static final Logger LOG = LoggerFactory.getLogger(FailureRecovery.class);

    private final ServingModel<IN, OUT> model;
    private final InferenceMetrics metrics;
    private final InferenceOptions options;
    private final Delay<IN, OUT> delay;

    /** Submits a delayed micro-batch again after a while. */
    interface Delay<IN, OUT> {
        void retryLater(MicroBatch<IN, OUT> batch, long delayMs);
    }

    FailureRecovery(
            ServingModel<IN, OUT> model,
            InferenceMetrics metrics,
            InferenceOptions options,
            Delay<IN, OUT> delay) {
        this.model = model;
        this.metrics = metrics;
        this.options = options;
        this.delay = delay;
    }

    /** Takes the next step with a micro-batch if its last submission is completed. */
    void settle(MicroBatch<IN, OUT> batch) throws Exception {
        if (batch.isFailed()) {
            onFailed(batch, batch.failure());
        } else if (batch.isScored() && batch.isBisected()) {
            keepResults(batch);
            submitNextPart(batch);
        }
    }

    private void onFailed(MicroBatch<IN, OUT> batch, EngineException failure)
            throws InferenceException {
        MDC.put(LogContext.BATCH, Long.toString(batch.id()));
        try {
            handle(batch, failure);
        } finally {
            MDC.remove(LogContext.BATCH);
        }
    }

    private void handle(MicroBatch<IN, OUT> batch, EngineException failure)
            throws InferenceException {
        switch (failure.kind()) {
            case BAD_INPUT -> bisect(batch, failure);
            case RETRYABLE -> retry(batch, failure);
            case MODEL, DEVICE_FATAL -> throw fatal(batch, failure);
        }
    }

    private void bisect(MicroBatch<IN, OUT> batch, EngineException failure) {
        if (batch.isBisected()) {
            batch.bisection().partFailed(failure);
        } else {
            // There may be thousands of these a second, each ending in a dead letter that says it.
            LOG.debug("Searching {} for what the engine cannot score", batch, failure);
            batch.startBisection(model.inputRowBytes());
            metrics.bisections.inc();
        }
        submitNextPart(batch);
    }

    private void submitNextPart(MicroBatch<IN, OUT> batch) {
        Bisection<OUT> bisection = batch.bisection();
        if (bisection.isDone()) {
            batch.decided();
            return;
        }
        bisection.nextPart();
        batch.resetAttempts();
        model.submit(batch);
    }

    /** Reads a part's scores at once: the next part needs the slot's buffers. */
    private void keepResults(MicroBatch<IN, OUT> batch) throws Exception {
        Bisection<OUT> bisection = batch.bisection();
        int from = bisection.from();
        for (int row = from; row < bisection.to(); row++) {
            try {
                OUT result = model.scores().read(batch.element(row), batch.slot(), row - from);
                bisection.result(row, model.scores().keep(result));
            } catch (RejectedRecordException e) {
                bisection.reject(row, e);
            }
        }
        bisection.partScored();
    }

    private void retry(MicroBatch<IN, OUT> batch, EngineException failure)
            throws InferenceException {
        if (batch.attempts() >= options.maxRetries()) {
            throw new InferenceException(
                    "The engine failed %d times on %s of model %s, scored by %s: %s"
                            .formatted(
                                    batch.attempts() + 1,
                                    batch,
                                    model.version(),
                                    model.engine(),
                                    failure.getMessage()),
                    failure);
        }
        long delayMs = options.retryDelay().toMillis() << Math.min(batch.attempts(), 16);
        LOG.warn(
                "The engine failed on {} of model {} and gets it again in {} ms, for the {}. of {}"
                        + " times: {}",
                batch,
                model.version(),
                delayMs,
                batch.attempts() + 1,
                options.maxRetries(),
                failure.getMessage());
        batch.delayRetry();
        metrics.retries.inc();
        delay.retryLater(batch, delayMs);
    }

    private InferenceException fatal(MicroBatch<IN, OUT> batch, EngineException failure) {
        return new InferenceException(
                "%s failure of the engine on %s of model %s, scored by %s: %s"
                        .formatted(
                                failure.kind(),
                                batch,
                                model.version(),
                                model.engine(),
                                failure.getMessage()),
                failure);
    }
}
