package dev.millrace.gpu.testing;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.Slot;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A completion listener to wait on, which remembers all it heard. */
public final class Submission implements CompletionListener {
    private static final long DEADLINE_SECONDS = 60;

    private final CountDownLatch completed = new CountDownLatch(1);
    private final AtomicInteger completions = new AtomicInteger();
    private final AtomicReference<EngineException> failure = new AtomicReference<>();
    private final AtomicReference<Thread> thread = new AtomicReference<>();
    private final AtomicReference<Slot> slot = new AtomicReference<>();

    /** Submits rows of a slot. */
    public static Submission of(Engine engine, Slot slot, int rows) {
        Submission submission = new Submission();
        engine.submit(slot, rows, submission);
        return submission;
    }

    @Override
    public void onScored(Slot scored) {
        complete(scored, null);
    }

    @Override
    public void onFailed(Slot failed, EngineException cause) {
        complete(failed, cause);
    }

    private void complete(Slot completedSlot, EngineException cause) {
        completions.incrementAndGet();
        slot.set(completedSlot);
        failure.compareAndSet(null, cause);
        thread.set(Thread.currentThread());
        completed.countDown();
    }

    /** Waits for the completion. Returns the failure, or null. */
    public EngineException await() {
        try {
            if (!completed.await(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("No completion within " + DEADLINE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
        return failure.get();
    }

    /** Waits for the completion, which must be a success. */
    public void awaitScored() {
        EngineException cause = await();
        if (cause != null) {
            throw new AssertionError("The submission failed: " + cause.getMessage(), cause);
        }
    }

    /** How often a completion came. */
    public int completions() {
        return completions.get();
    }

    /** The thread of the last completion. */
    public Thread thread() {
        return thread.get();
    }

    /** The slot of the last completion. */
    public Slot slot() {
        return slot.get();
    }
}
