/**
 * Micro-batching in plain Java: what a micro-batch holds, when it closes, and in which order
 * finished micro-batches leave.
 *
 * <p><b>Separation.</b> No Flink type and no clock: time is an argument, so every rule here is
 * tested without waiting.
 *
 * <p><b>Threads.</b> One owner thread (in Flink the task thread). Only {@link
 * dev.millrace.operator.batch.MicroBatch#scored} and {@link
 * dev.millrace.operator.batch.MicroBatch#failed} are called by another, the engine's.
 *
 * <p><b>May import:</b> the JDK and {@code dev.millrace.gpu.engine}.
 */
package dev.millrace.operator.batch;
