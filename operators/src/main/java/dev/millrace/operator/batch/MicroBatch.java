package dev.millrace.operator.batch;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.Slot;
import java.util.Arrays;

/**
 * The records scored by one submission to an engine: their elements and timestamps beside the slot
 * that holds their features, and the signals that came between them.
 *
 * <p>Mutable and reused: one per slot, with arrays of the slot's capacity, so that a record costs
 * no allocation. Owner's thread only, except {@link #scored} and {@link #failed}, which the
 * engine's thread calls; the state they write is what publishes their other fields.
 *
 * @param <E> the elements
 * @param <R> what is read from their scores
 */
public final class MicroBatch<E, R> {
    private enum State {
        /** Free, or filling. */
        OPEN,
        /** Submitted; the engine owns the slot. */
        IN_FLIGHT,
        /** The engine is done and the slot's outputs hold the scores. */
        SCORED,
        /** The engine is done and gave a failure. */
        FAILED,
        /** Failed, and waits for another attempt. */
        DELAYED,
        /** Every row's result is in the bisection's hands; the slot's outputs mean nothing. */
        DECIDED
    }

    private final Slot slot;
    private final E[] elements;
    private final long[] timestamps;
    private final boolean[] timestamped;

    private long id;
    private int rows;
    private FlushReason flushReason = FlushReason.FULL;
    private long openedNanos;
    private long submittedNanos;
    private int attempts;

    private Signal[] signals = new Signal[4];
    private int[] signalRows = new int[4];
    private int signalCount;

    private Bisection<R> bisection;

    private long completedNanos;
    private EngineException failure;
    private volatile State state = State.OPEN;

    @SuppressWarnings("unchecked")
    public MicroBatch(Slot slot) {
        this.slot = slot;
        this.elements = (E[]) new Object[slot.capacity()];
        this.timestamps = new long[slot.capacity()];
        this.timestamped = new boolean[slot.capacity()];
    }

    public Slot slot() {
        return slot;
    }

    /** Identifies the filling: a reused micro-batch gets a new id each time it opens. */
    public long id() {
        return id;
    }

    public int rows() {
        return rows;
    }

    public boolean isEmpty() {
        return rows == 0;
    }

    public E element(int row) {
        return elements[row];
    }

    /** The event timestamp; meaningless where {@link #hasTimestamp} says so. */
    public long timestamp(int row) {
        return timestamps[row];
    }

    public boolean hasTimestamp(int row) {
        return timestamped[row];
    }

    public FlushReason flushReason() {
        return flushReason;
    }

    public long openedNanos() {
        return openedNanos;
    }

    public long submittedNanos() {
        return submittedNanos;
    }

    /** When the engine was done. Valid once the micro-batch is no longer in flight. */
    public long completedNanos() {
        return completedNanos;
    }

    /** Submissions of the present rows so far that ended in a retryable failure. */
    public int attempts() {
        return attempts;
    }

    void open(long newId, long nowNanos) {
        checkState(State.OPEN, "open");
        id = newId;
        openedNanos = nowNanos;
    }

    void append(E element, long timestamp, boolean hasTimestamp) {
        elements[rows] = element;
        timestamps[rows] = timestamp;
        timestamped[rows] = hasTimestamp;
        rows++;
    }

    void close(FlushReason reason, long nowNanos) {
        checkState(State.OPEN, "close");
        flushReason = reason;
        submittedNanos = nowNanos;
    }

    /** Keeps a signal behind the rows appended so far. */
    public void append(Signal signal) {
        if (signalCount == signals.length) {
            signals = Arrays.copyOf(signals, 2 * signalCount);
            signalRows = Arrays.copyOf(signalRows, 2 * signalCount);
        }
        signals[signalCount] = signal;
        signalRows[signalCount] = rows;
        signalCount++;
    }

    public int signalCount() {
        return signalCount;
    }

    public Signal signal(int index) {
        return signals[index];
    }

    /** Number of rows that go before a signal. */
    public int rowsBefore(int index) {
        return signalRows[index];
    }

    /** Passes the slot to the engine. Before every submission, repeated ones included. */
    public void submitted() {
        State before = state;
        if (before == State.IN_FLIGHT || before == State.DECIDED || rows == 0) {
            throw illegal("submit", before);
        }
        state = State.IN_FLIGHT;
    }

    /** Engine's thread: the scores are in the slot. */
    public void scored(long nowNanos) {
        checkState(State.IN_FLIGHT, "complete");
        completedNanos = nowNanos;
        state = State.SCORED;
    }

    /** Engine's thread: there are no scores, and the slot's inputs are unchanged. */
    public void failed(EngineException cause, long nowNanos) {
        checkState(State.IN_FLIGHT, "complete");
        completedNanos = nowNanos;
        failure = cause;
        state = State.FAILED;
    }

    /** Whether the engine has scored the rows submitted last and nobody has looked yet. */
    public boolean isScored() {
        return state == State.SCORED;
    }

    /** Whether the engine has failed on the rows submitted last and nobody has looked yet. */
    public boolean isFailed() {
        return state == State.FAILED;
    }

    /** Whether another attempt is due; see {@link #delayRetry}. */
    public boolean isDelayed() {
        return state == State.DELAYED;
    }

    /** Whether the results of all rows are known. */
    public boolean isReleasable() {
        State now = state;
        return now == State.DECIDED || (now == State.SCORED && bisection == null);
    }

    /** The failure of the last submission. */
    public EngineException failure() {
        checkState(State.FAILED, "read the failure of");
        return failure;
    }

    /** Puts a failed micro-batch aside until it is submitted again; counts the attempt. */
    public void delayRetry() {
        checkState(State.FAILED, "delay");
        attempts++;
        state = State.DELAYED;
    }

    /** Starts looking for the rows that the engine cannot score. */
    public Bisection<R> startBisection(int[] inputRowBytes) {
        checkState(State.FAILED, "bisect");
        bisection = new Bisection<>(slot, rows, inputRowBytes, failure);
        return bisection;
    }

    /** Rows to submit: all, or the part that the bisection tries. */
    public int rowsToSubmit() {
        return bisection == null ? rows : bisection.to() - bisection.from();
    }

    public boolean isBisected() {
        return bisection != null;
    }

    public Bisection<R> bisection() {
        if (bisection == null) {
            throw new IllegalStateException(this + " is not bisected");
        }
        return bisection;
    }

    /** Another part of the rows is up: attempts are counted anew. */
    public void resetAttempts() {
        attempts = 0;
    }

    /** The bisection has a result for every row. */
    public void decided() {
        state = State.DECIDED;
    }

    /** Forgets elements, signals and results, ready to be filled again. */
    public void recycle() {
        State before = state;
        if (before == State.IN_FLIGHT) {
            throw illegal("recycle", before);
        }
        Arrays.fill(elements, 0, rows, null);
        Arrays.fill(signals, 0, signalCount, null);
        rows = 0;
        signalCount = 0;
        attempts = 0;
        bisection = null;
        failure = null;
        state = State.OPEN;
    }

    private void checkState(State expected, String action) {
        State now = state;
        if (now != expected) {
            throw illegal(action, now);
        }
    }

    private IllegalStateException illegal(String action, State now) {
        return new IllegalStateException("Cannot %s %s: it is %s".formatted(action, this, now));
    }

    @Override
    public String toString() {
        return "micro-batch %d of %d rows in slot %d".formatted(id, rows, slot.index());
    }
}
