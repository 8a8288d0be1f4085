package dev.millrace.cluster;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a job has committed.
 *
 * @param completed checkpoints since it was submitted; at least that many
 * @param newest address of the last one; empty where there is none
 */
record Checkpoints(long completed, String newest) {
    static final Checkpoints NONE = new Checkpoints(0, "");

    /** From Flink's statistics. */
    static Checkpoints of(JsonNode statistics) {
        long completed = statistics.path("counts").path("completed").asLong();
        JsonNode latest = statistics.path("latest");
        String newest = latest.path("completed").path("external_path").asText();
        // A JobManager that took over counts from zero, but has restored what was there before.
        // What a job was submitted with counts as a savepoint.
        JsonNode restored = latest.path("restored");
        if (restored.isObject() && !restored.path("is_savepoint").asBoolean()) {
            completed = Math.max(completed, 1);
            newest = newest.isEmpty() ? restored.path("external_path").asText() : newest;
        }
        return new Checkpoints(completed, newest);
    }
}
