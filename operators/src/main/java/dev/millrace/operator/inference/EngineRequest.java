package dev.millrace.operator.inference;

import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * What an operator asks of the engine it opens.
 *
 * @param maxBatchSize rows per slot
 * @param slots micro-batches that can be filled or in flight at once
 * @param context of the subtask, for example to find the GPUs of its TaskManager
 */
public record EngineRequest(int maxBatchSize, int slots, RuntimeContext context) {}
