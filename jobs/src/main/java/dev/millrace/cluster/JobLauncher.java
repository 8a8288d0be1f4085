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
        JobStart start = start(cluster.upload(jobs, pipeline));
        try {
            return start.run(pipeline.parallelism(), savepoint, "the pipeline");
        } catch (ClusterException e) {
            throw taken(start, e);
        }
    }

    private JobStart start(String jar) {
        return new JobStart(cluster, jar, patience, say);
    }

    private static ClusterException taken(JobStart start, ClusterException cause) {
        try {
            start.takeBack();
            return cause;
        } catch (ClusterException e) {
            cause.addSuppressed(e);
            return new ClusterException(
                    "%s. It could not be taken back: %s"
                            .formatted(cause.getMessage(), e.getMessage()),
                    cause);
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
        JobStart back = start(oldJar);
        JobStart next = start(cluster.upload(jobs, pipeline));
        String savepoint;
        try {
            savepoint = cluster.stop(old.id(), directory, patience);
        } catch (ClusterException e) {
            next.removeJar();
            throw e;
        }
        say.accept("Stopped job %s with savepoint %s".formatted(old.id(), savepoint));
        String job =
                new Upgrade(cluster, pipeline.name(), savepoint, patience)
                        .run(next, pipeline.parallelism(), back, oldParallelism);
        back.removeJar();
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
}
