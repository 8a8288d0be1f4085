package dev.millrace.operator.batch;

/**
 * Submitted micro-batches in the order of submission: they may complete in any order and leave from
 * the head only. Bounded by the number of slots. Owner's thread only.
 */
public final class InFlightWindow<E, R> {
    private final MicroBatch<E, R>[] ring;
    private int head;
    private int size;

    @SuppressWarnings({"unchecked", "rawtypes"})
    public InFlightWindow(int capacity) {
        this.ring = new MicroBatch[capacity];
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public int capacity() {
        return ring.length;
    }

    public void add(MicroBatch<E, R> batch) {
        if (size == ring.length) {
            throw new IllegalStateException(
                    "The in-flight window is full with %d micro-batches; %s was to be added"
                            .formatted(size, batch));
        }
        ring[(head + size) % ring.length] = batch;
        size++;
    }

    /** The micro-batch at a position from the head: 0 is the next to leave. */
    public MicroBatch<E, R> get(int position) {
        if (position < 0 || position >= size) {
            throw new IndexOutOfBoundsException(
                    "Position %d in a window of %d".formatted(position, size));
        }
        return ring[(head + position) % ring.length];
    }

    public MicroBatch<E, R> head() {
        return get(0);
    }

    public MicroBatch<E, R> tail() {
        return get(size - 1);
    }

    /** Removes the head, which must be releasable. */
    public MicroBatch<E, R> removeHead() {
        MicroBatch<E, R> batch = head();
        if (!batch.isReleasable()) {
            throw new IllegalStateException(batch + " cannot leave: it is not finished");
        }
        ring[head] = null;
        head = (head + 1) % ring.length;
        size--;
        return batch;
    }
}
