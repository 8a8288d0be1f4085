package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.ModelVersion;

/**
 * What an engine of several model versions implements besides: which of them scores the records
 * that the task is at. Any thread.
 */
public interface VersionChoice {
    ModelVersion scoringVersion();
}
