/**
 * The backend for NVIDIA GPUs.
 *
 * <p><b>Way of a micro-batch.</b> The owner's thread queues a slot; the engine's thread launches
 * the graph that was captured for its size class (copy in, kernels, copy out) on the slot's own
 * stream, records an event behind it, asks the event until it is reached, and completes the slot.
 * With several slots the copies of one overlap with the kernels of another.
 *
 * <p><b>When things fail.</b> Too little device memory: the rows that it is for are halved, larger
 * micro-batches go in parts, and it grows again later. A device that broke or does not answer: the
 * CPU engine takes over with the same bits, where the options allow.
 *
 * <p><b>Threads.</b> One per engine makes all driver calls. Classes say so where it is not theirs.
 *
 * <p><b>May import:</b> the JDK, slf4j, {@code gpu.engine}, {@code gpu.model}, {@code gpu.lowering}
 * for the import, {@code gpu.cpu} for the twin, and its own subpackages. JCuda only through them.
 */
package dev.millrace.gpu.cuda;
