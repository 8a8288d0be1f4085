package dev.millrace.cluster;

import dev.millrace.job.config.PipelineShipment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Brings pipelines onto a cluster and sees that they come up. What was uploaded stays there while
 * the job runs: it is the way back of the next upgrade. One thread.
 */
public final class JobLauncher {
    private final FlinkCluster cluster;
    private final Path jobs;
    private final Duration patience;
    private final Consumer<String> say;

    /**
     * @param jobs the job's jar
     * @param patience for each step: a savepoint, a start
     * @param say is told of each step, for people
     */
    public JobLauncher(FlinkCluster cluster, Path jobs, Duration patience, Consumer<String> say) {
        this.cluster = cluster;
        this.jobs = jobs;
        this.patience = patience;
        this.say = say;
    }

    /**
     * Starts a pipeline and waits until it runs. Where it does not come up, nothing of it stays.
     *
     * @param savepoint to go on from
     * @return the job's id
     */
    public String submit(PipelineShipment pipeline, Optional<String> savepoint)
            throws ClusterException {
        Optional<ClusterJob> already = cluster.ofPipeline(pipeline.name());
        if (already.isPresent()) {
            throw new ClusterException(
                    "pipeline '%s' runs already as job %s (%s). 'millrace job upgrade' replaces it; two at once would fence each other's transactions"
                            .formatted(pipeline.name(), already.get().id(), already.get().state()));
        }
        String jar = cluster.upload(jobs, pipeline);
        return start(jar, pipeline.parallelism(), savepoint);
    }

    /** Runs a jar; removes job and jar where the job does not come up. */
    private String start(String jar, OptionalInt parallelism, Optional<String> savepoint)
            throws ClusterException {
        String job = "";
        try {
            job = cluster.run(jar, parallelism, savepoint);
            say.accept("Submitted as job " + job);
            cluster.awaitRunning(job, patience);
            return job;
        } catch (ClusterException e) {
            withdraw(jar, job, e);
            throw e;
        }
    }

    private void withdraw(String jar, String job, ClusterException cause) {
        try {
            if (!job.isEmpty()
                    && cluster.jobs().stream().anyMatch(j -> j.id().equals(job) && !j.ended())) {
                cluster.cancel(job, patience);
            }
            cluster.deleteJar(jar);
        } catch (ClusterException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Stops a job with a savepoint and starts a pipeline from it; where that does not come up,
     * starts the old one from the same savepoint.
     *
     * @param directory for the savepoint; empty for the cluster's own
     * @param wayBack the old version, for a job whose jar is not on the cluster
     * @param mayBeGone whether to go on without a way back
     * @return the new job's id
     * @throws UpgradeFailedException if the new version did not come up
     */
    public String upgrade(
            ClusterJob old,
            PipelineShipment pipeline,
            Optional<String> directory,
            Optional<PipelineShipment> wayBack,
            boolean mayBeGone)
            throws ClusterException, UpgradeFailedException {
        String oldJar = oldJar(old, wayBack, mayBeGone);
        OptionalInt oldParallelism =
                wayBack.isPresent() ? wayBack.get().parallelism() : OptionalInt.of(tasks(old));
        String newJar = cluster.upload(jobs, pipeline);
        String savepoint;
        try {
            savepoint = cluster.stop(old.id(), directory, patience);
        } catch (ClusterException e) {
            withdraw(newJar, "", e);
            throw e;
        }
        say.accept("Stopped job %s with savepoint %s".formatted(old.id(), savepoint));
        String job = "";
        try {
            job = cluster.run(newJar, pipeline.parallelism(), Optional.of(savepoint));
            say.accept("Submitted the new version as job " + job);
            cluster.awaitRunning(job, patience);
        } catch (ClusterException e) {
            throw goBack(job, newJar, oldJar, oldParallelism, savepoint, e);
        }
        if (!oldJar.equals(newJar)) {
            cluster.deleteJar(oldJar);
        }
        return job;
    }

    private int tasks(ClusterJob old) throws ClusterException {
        return cluster.parallelism(old.id());
    }

    private String oldJar(ClusterJob old, Optional<PipelineShipment> wayBack, boolean mayBeGone)
            throws ClusterException {
        if (wayBack.isPresent()) {
            return cluster.upload(jobs, wayBack.get());
        }
        String jar = ClusterJob.jar(cluster.settings(old.id()));
        if (!jar.isEmpty() && cluster.hasJar(jar)) {
            return jar;
        }
        if (mayBeGone) {
            return "";
        }
        throw new ClusterException(
                "there would be no way back: the jar that job %s was started from is not on the cluster. Name the old version with --previous PIPELINE, or add --no-way-back"
                        .formatted(old.id()));
    }

    private UpgradeFailedException goBack(
            String failed,
            String newJar,
            String oldJar,
            OptionalInt oldParallelism,
            String savepoint,
            ClusterException cause)
            throws ClusterException {
        long committed = failed.isEmpty() ? 0 : cluster.checkpoints(failed);
        withdraw(newJar, failed, cause);
        String what = "the new version did not come up: " + cause.getMessage();
        if (committed > 0) {
            // What it committed would be scored a second time.
            return new UpgradeFailedException(
                    "%s. It had completed %d checkpoints before, so going back to %s would write their scores again: nothing runs now"
                            .formatted(what, committed, savepoint),
                    cause);
        }
        if (oldJar.isEmpty()) {
            return new UpgradeFailedException(
                    "%s. Nothing runs now; 'millrace job submit --from-savepoint %s' goes on"
                            .formatted(what, savepoint),
                    cause);
        }
        try {
            String job = cluster.run(oldJar, oldParallelism, Optional.of(savepoint));
            cluster.awaitRunning(job, patience);
            return new UpgradeFailedException(
                    "%s. The old version runs again from the same savepoint, as job %s: %s"
                            .formatted(what, job, cluster.page(job)),
                    cause);
        } catch (ClusterException e) {
            e.addSuppressed(cause);
            return new UpgradeFailedException(
                    "%s. The old version does not come up again either: %s. 'millrace job submit --from-savepoint %s' goes on"
                            .formatted(what, e.getMessage(), savepoint),
                    e);
        }
    }
}
