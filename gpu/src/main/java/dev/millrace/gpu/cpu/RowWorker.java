package dev.millrace.gpu.cpu;

import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.interpreter.RowBuffers;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that scores a range of a micro-batch's rows beside the engine's own. Never allocates.
 *
 * <p>{@link #begin}, {@link #await} and {@link #close} belong to one thread, the engine's.
 */
final class RowWorker implements AutoCloseable {
    private enum State {
        IDLE,
        SCORING,
        CLOSED
    }

    private final PlanInterpreter interpreter;
    private final Thread thread;
    private volatile State state = State.IDLE;

    /** Of the running range; handed over by {@link #state}. */
    private RowBuffers buffers;

    private Thread caller;
    private int first;
    private int rows;
    private int fault;
    private Throwable failure;

    RowWorker(String name, PlanInterpreter interpreter) {
        this.interpreter = interpreter;
        thread = new Thread(this::work, name);
        thread.setDaemon(true);
        thread.start();
    }

    void begin(RowBuffers slotBuffers, int firstRow, int count) {
        buffers = slotBuffers;
        first = firstRow;
        rows = count;
        caller = Thread.currentThread();
        state = State.SCORING;
        LockSupport.unpark(thread);
    }

    /** Waits until the range that was begun is scored. */
    void await() {
        while (state == State.SCORING) {
            LockSupport.park(this);
            // An interrupt is nobody's wish here, and would make every park return at once.
            Thread.interrupted();
        }
    }

    /** After {@link #await}: the first row at fault, or -1. Throws what scoring threw. */
    int fault() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        return fault;
    }

    private void work() {
        while (true) {
            while (state == State.IDLE) {
                LockSupport.park(this);
                Thread.interrupted();
            }
            if (state == State.CLOSED) {
                return;
            }
            try {
                failure = null;
                fault = interpreter.run(buffers, first, rows);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            Thread thanks = caller;
            state = State.IDLE;
            LockSupport.unpark(thanks);
        }
    }

    /** Ends the thread. Not while a range is being scored. */
    @Override
    public void close() {
        state = State.CLOSED;
        LockSupport.unpark(thread);
        Threads.join(thread);
    }
}
