package dev.millrace.cluster;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * A job as a cluster lists it.
 *
 * @param id Flink's id, 32 hexadecimal digits
 * @param name as Flink shows it
 * @param state in Flink's words: RUNNING, RESTARTING, FAILED and so on
 * @param running tasks that run
 * @param tasks all of its tasks
 * @param started when it was submitted
 */
public record ClusterJob(
        String id, String name, String state, int running, int tasks, Instant started) {
    private static final Set<String> ENDED = Set.of("FINISHED", "FAILED", "CANCELED");

    /** What {@code millrace job} says about each job that it starts, for whoever asks later. */
    static final String JAR_KEY = "millrace.jar";

    /** Whether nothing more will become of it. */
    public boolean ended() {
        return ENDED.contains(state);
    }

    /** Whether every task runs. */
    public boolean up() {
        return state.equals("RUNNING") && tasks > 0 && running == tasks;
    }

    /** The jar on the cluster that a job was started from, by what its settings say. */
    static String jar(Map<String, String> settings) {
        return settings.getOrDefault(JAR_KEY, "");
    }
}
