package dev.millrace.job.config;

import java.util.List;

/**
 * Which of the model's outputs a scored record carries, in this order and under which names.
 *
 * @param outputs empty for all of them, under their own names
 */
public record OutputSettings(List<Output> outputs) {
    public OutputSettings {
        outputs = List.copyOf(outputs);
    }

    public static OutputSettings all() {
        return new OutputSettings(List.of());
    }

    public boolean isAll() {
        return outputs.isEmpty();
    }

    /**
     * One output of the model.
     *
     * @param modelName the output's name in the model
     * @param recordName its name in the scored record
     * @param line counted from 1
     */
    public record Output(String modelName, String recordName, int line) {}
}
