package dev.millrace.job.config;

import java.util.List;
import java.util.Optional;

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
     * One entry of a scored record's scores.
     *
     * @param modelName the output's name in the model
     * @param element the one element to take, by index or by the name of its column; empty for all
     * @param recordName its name in the scored record
     * @param line counted from 1
     */
    public record Output(String modelName, Optional<String> element, String recordName, int line) {}
}
