package dev.millrace.endtoend;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Holds up a checkpoint at the moments that matter to transactions. All tasks have prepared theirs
 * by then; nobody has been told to commit. Any thread.
 */
final class CheckpointGate {
    /** Where a checkpoint can be held up, by the JobManager's thread that completes it. */
    enum Moment {
        /** All tasks have prepared; nothing says so on disk. */
        PREPARED,
        /** The checkpoint is on disk. */
        COMPLETE
    }

    private static final AtomicReference<CheckpointGate> CLOSED = new AtomicReference<>();

    private final Moment moment;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);
    private volatile boolean failing;

    private CheckpointGate(Moment moment) {
        this.moment = moment;
    }

    /** Holds up the next checkpoint that gets there. */
    static CheckpointGate closeAt(Moment moment) {
        CheckpointGate gate = new CheckpointGate(moment);
        CLOSED.set(gate);
        return gate;
    }

    /** Lets everything go on. */
    static void reset() {
        CheckpointGate gate = CLOSED.getAndSet(null);
        if (gate != null) {
            gate.open();
        }
    }

    /**
     * Waits until a checkpoint is held up.
     *
     * @param meanwhile done again and again
     */
    void awaitReached(Runnable meanwhile) throws Exception {
        Eventually.await(
                "a checkpoint is held up when " + moment,
                () -> {
                    meanwhile.run();
                    return reached.getCount() == 0;
                });
    }

    /** Lets the checkpoint fail, for a full disk for example. */
    void fail() {
        failing = true;
        open();
    }

    /** Lets the checkpoint go on. */
    void open() {
        CLOSED.compareAndSet(this, null);
        opened.countDown();
    }

    /** Called where checkpoints are completed. */
    static void pass(Moment moment) throws IOException {
        CheckpointGate gate = CLOSED.get();
        if (gate == null || gate.moment != moment) {
            return;
        }
        gate.reached.countDown();
        try {
            gate.opened.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (gate.failing) {
            throw new IOException("The test lets this checkpoint fail");
        }
    }
}
