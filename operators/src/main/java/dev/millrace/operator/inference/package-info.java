/**
 * The Flink operator that scores a stream in micro-batches. {@link
 * dev.millrace.operator.inference.MicroBatchInference} is the way in.
 *
 * <p><b>Threads.</b> The task thread owns all state, user functions included. Completions of the
 * engine arrive on its thread, mark their micro-batch and post one mail.
 *
 * <p><b>Clock.</b> {@link dev.millrace.operator.inference.MicroBatchInferenceOperator} alone reads
 * one, through Flink's processing-time service.
 *
 * <p><b>May import:</b> Flink, {@code dev.millrace.gpu.engine}, {@code dev.millrace.gpu.monitor},
 * {@code dev.millrace.operator.batch}, {@code dev.millrace.operator.deadletter}.
 */
package dev.millrace.operator.inference;
