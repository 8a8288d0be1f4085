package dev.millrace.cluster;

import dev.millrace.cluster.ClusterException.Fate;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** One attempt to start a pipeline from a jar on the cluster, and its taking back. One thread. */
final class JobStart {
    private final FlinkCluster cluster;
    private final String jar;
    private final Duration patience;
    private final Consumer<String> say;
    private String job = "";
    private boolean lost;

    JobStart(FlinkCluster cluster, String jar, Duration patience, Consumer<String> say) {
        this.cluster = cluster;
        this.jar = jar;
        this.patience = patience;
        this.say = say;
    }

    String jar() {
        return jar;
    }

    /** The job's id; empty where none is known to be there. */
    String job() {
        return job;
    }

    /**
     * Waits until every task runs.
     *
     * @param what is started, for people
     * @return the job's id
     */
    String run(OptionalInt parallelism, Optional<String> savepoint, String what)
            throws ClusterException {
        try {
            job = cluster.run(jar, parallelism, savepoint, patience);
        } catch (ClusterException e) {
            lost = e.fate() == Fate.UNKNOWN;
            throw e;
        }
        say.accept("Submitted %s as job %s".formatted(what, job));
        cluster.awaitRunning(job, patience);
        return job;
    }

    /**
     * Ends the job and removes the jar.
     *
     * @throws ClusterException if the job may go on
     */
    void takeBack() throws ClusterException {
        if (job.isEmpty()) {
            // A refusal may have come from a submission that took too long and still succeeds.
            job = cluster.startedFrom(jar, patience).map(ClusterJob::id).orElse("");
        }
        if (job.isEmpty() && lost) {
            throw new ClusterException(
                    "whether the cluster starts it is not known; 'millrace job list' shows it if so");
        }
        if (!job.isEmpty()) {
            try {
                cluster.end(job, patience);
            } catch (ClusterException e) {
                throw new ClusterException(
                        "its job %s may still run: %s; 'millrace job cancel %s' ends it"
                                .formatted(job, e.getMessage(), job),
                        e);
            }
        }
        removeJar();
    }

    /** A jar that stays takes room and nothing else. */
    void removeJar() {
        try {
            cluster.deleteJar(jar);
        } catch (ClusterException e) {
            say.accept("Jar %s stays on the cluster: %s".formatted(jar, e.getMessage()));
        }
    }
}
