package dev.millrace.gpu.onnxruntime;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Slots on their way from the owner's thread to the engine's, in order. Never allocates. */
final class SubmissionQueue {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final OnnxRuntimeSlot[] ring;
    private int head;
    private int size;
    private boolean closed;

    /**
     * @param slots number of slots; a slot is in the queue at most once, so it never overflows
     */
    SubmissionQueue(int slots) {
        ring = new OnnxRuntimeSlot[slots];
    }

    /**
     * @throws IllegalStateException if the queue is closed
     */
    void put(OnnxRuntimeSlot slot) {
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

    /** Waits for the next slot; null once the queue is closed and empty. */
    OnnxRuntimeSlot take() {
        lock.lock();
        try {
            while (size == 0) {
                if (closed) {
                    return null;
                }
                changed.awaitUninterruptibly();
            }
            OnnxRuntimeSlot slot = ring[head];
            head = (head + 1) % ring.length;
            size--;
            return slot;
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
