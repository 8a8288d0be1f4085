package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.operator.batch.Bisection;
import dev.millrace.operator.batch.MicroBatch;
import dev.millrace.operator.deadletter.DeadLetter;
import dev.millrace.operator.deadletter.RejectedRecordException;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Emits a finished micro-batch: scored records, dead letters and signals in their order. */
final class ScoreEmitter<IN, OUT> {
    private final Output<StreamRecord<OUT>> output;
    private final ScoreReader<IN, OUT> scores;
    private final DeadLetterOutput<IN> deadLetters;
    private final InferenceMetrics metrics;

    /** Reused: consumers in the chain copy what they keep, others serialize it. */
    private final StreamRecord<OUT> record = new StreamRecord<>(null);

    ScoreEmitter(
            Output<StreamRecord<OUT>> output,
            ScoreReader<IN, OUT> scores,
            DeadLetterOutput<IN> deadLetters,
            InferenceMetrics metrics) {
        this.output = output;
        this.scores = scores;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
    }

    void emit(MicroBatch<IN, OUT> batch) throws Exception {
        int row = 0;
        int scored = 0;
        for (int signal = 0; signal < batch.signalCount(); signal++) {
            int end = batch.rowsBefore(signal);
            scored += emitRows(batch, row, end);
            row = end;
            batch.signal(signal).release();
        }
        scored += emitRows(batch, row, batch.rows());
        metrics.recordsScored.inc(scored);
    }

    private int emitRows(MicroBatch<IN, OUT> batch, int from, int to) throws Exception {
        return batch.isBisected() ? emitDecided(batch, from, to) : emitScored(batch, from, to);
    }

    private int emitScored(MicroBatch<IN, OUT> batch, int from, int to) throws Exception {
        int scored = 0;
        for (int row = from; row < to; row++) {
            OUT result;
            try {
                result = scores.read(batch.element(row), batch.slot(), row);
            } catch (RejectedRecordException e) {
                emitDeadLetter(batch, row, DeadLetter.Kind.SCORE_REFUSED, e);
                continue;
            }
            collect(batch, row, result);
            scored++;
        }
        return scored;
    }

    private int emitDecided(MicroBatch<IN, OUT> batch, int from, int to) throws Exception {
        Bisection<OUT> bisection = batch.bisection();
        int scored = 0;
        for (int row = from; row < to; row++) {
            if (bisection.isRejected(row)) {
                Exception cause = bisection.rejection(row);
                boolean unscorable = cause instanceof EngineException;
                emitDeadLetter(
                        batch,
                        row,
                        unscorable ? DeadLetter.Kind.UNSCORABLE : DeadLetter.Kind.SCORE_REFUSED,
                        cause);
                continue;
            }
            collect(batch, row, bisection.result(row));
            scored++;
        }
        return scored;
    }

    private void collect(MicroBatch<IN, OUT> batch, int row, OUT result) {
        if (batch.hasTimestamp(row)) {
            output.collect(record.replace(result, batch.timestamp(row)));
            return;
        }
        record.eraseTimestamp();
        output.collect(record.replace(result));
    }

    private void emitDeadLetter(
            MicroBatch<IN, OUT> batch, int row, DeadLetter.Kind kind, Exception cause)
            throws InferenceException {
        deadLetters.emit(
                batch.element(row), batch.timestamp(row), batch.hasTimestamp(row), kind, cause);
    }
}
