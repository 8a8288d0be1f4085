package dev.millrace.gpu.engine;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Slots on their way from the owner's thread to the engine's, in order. Never allocates: neither in
 * passing a slot on nor in waiting for one. One thread puts and closes, one takes. For engines that
 * score on a thread of their own.
 *
 * @param <S> the engine's own slots
 */
public final class SlotQueue<S extends Slot> {
    /** A slot is in the queue at most once, so a ring of all slots never overflows. */
    private final AtomicReferenceArray<S> ring;

    /** Slots put so far. Written by the putting thread. */
    private volatile long put;

    private volatile boolean closed;

    /** The thread that waits, or null. */
    private volatile Thread waiting;

    /** Slots taken so far. The taking thread's. */
    private long taken;

    /**
     * @param slots number of slots; a slot is in the queue at most once
     */
    public SlotQueue(int slots) {
        ring = new AtomicReferenceArray<>(slots);
    }

    /** Owner's thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void put(S slot) {
        ring.set((int) (put % ring.length()), slot);
        put++;
        LockSupport.unpark(waiting);
    }

    /** Waits for the next slot; null once the queue is closed and empty. */
    public S take() {
        if (taken == put) {
            waiting = Thread.currentThread();
            while (taken == put && !closed) {
                LockSupport.park(this);
                // An interrupt is nobody's wish here, and would make every park return at once.
                Thread.interrupted();
            }
            waiting = null;
        }
        return taken == put ? null : ring.getAndSet((int) (taken++ % ring.length()), null);
    }

    /** No slot is put from here on; those inside are still taken. */
    public void close() {
        closed = true;
        LockSupport.unpark(waiting);
    }
}
