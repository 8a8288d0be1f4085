package dev.millrace.gpu.cuda;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Slots on their way from the owner's thread to the engine's, in order. */
final class SubmissionQueue {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CudaSlot[] ring;
    private int head;
    private int size;
    private boolean closed;

    /**
     * @param slots number of slots; a slot is in the queue at most once, so it never overflows
     */
    SubmissionQueue(int slots) {
        ring = new CudaSlot[slots];
    }

    /**
     * @throws IllegalStateException if the queue is closed
     */
    void put(CudaSlot slot) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The engine is closed");
            }
            ring[(head + size) % ring.length] = slot;
            size++;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The next slot, or null if there is none. */
    CudaSlot poll() {
        lock.lock();
        try {
            if (size == 0) {
                return null;
            }
            CudaSlot slot = ring[head];
            head = (head + 1) % ring.length;
            size--;
            return slot;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a slot or the end, so long at most; 0 waits for ever. */
    void await(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (size == 0 && !closed && (nanos == 0 || left > 0)) {
                if (nanos == 0) {
                    changed.awaitUninterruptibly();
                } else {
                    left = changed.awaitNanos(left);
                }
            }
        } catch (InterruptedException e) {
            // Nothing but close ends the engine's thread: the next wait is uninterrupted again.
            Thread.interrupted();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosedAndEmpty() {
        lock.lock();
        try {
            return closed && size == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses further slots; those inside can still be taken. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
