package dev.millrace.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What follows the savepoint that a job was stopped with: the new version, or the old one again
 * where it is certain that the new one has ended without a commit. One thread.
 */
final class Upgrade {
    private final FlinkCluster cluster;
    private final String pipeline;
    private final String savepoint;
    private final Duration patience;

    /**
     * @param pipeline its name
     */
    Upgrade(FlinkCluster cluster, String pipeline, String savepoint, Duration patience) {
        this.cluster = cluster;
        this.pipeline = pipeline;
        this.savepoint = savepoint;
        this.patience = patience;
    }

    /**
     * Starts the new version.
     *
     * @param back the old version; its jar is empty where there is no way back
     * @return the new job's id
     */
    String run(JobStart next, OptionalInt parallelism, JobStart back, OptionalInt backParallelism)
            throws UpgradeFailedException {
        try {
            return next.run(parallelism, Optional.of(savepoint), "the new version");
        } catch (ClusterException e) {
            String what = "the new version did not come up: " + e.getMessage();
            takeBack(next, what, e);
            if (back.jar().isEmpty()) {
                throw failed("%s. Nothing runs now; %s".formatted(what, goOn(savepoint)), e);
            }
            throw goBack(back, backParallelism, what, e);
        }
    }

    /** Returns where the old version may start; everything else is thrown. */
    private void takeBack(JobStart next, String what, ClusterException cause)
            throws UpgradeFailedException {
        try {
            next.takeBack();
        } catch (ClusterException e) {
            cause.addSuppressed(e);
            throw failed(
                    "%s. The old version was not started: two jobs of a pipeline fence each other's transactions, and %s. When none of the pipeline runs, %s"
                            .formatted(what, e.getMessage(), goOnFromTheLast(next.job())),
                    cause);
        }
        Checkpoints checkpoints;
        try {
            // After the end: one that completed while the job was being canceled is committed too.
            checkpoints =
                    next.job().isEmpty()
                            ? Checkpoints.NONE
                            : cluster.checkpoints(next.job(), patience);
            refuseAnother();
        } catch (ClusterException e) {
            cause.addSuppressed(e);
            throw failed(
                    "%s. It has ended, but the old version was not started: %s. Where nothing else of the pipeline runs, %s"
                            .formatted(what, e.getMessage(), goOnFromTheLast(next.job())),
                    cause);
        }
        if (checkpoints.completed() > 0) {
            // What it committed would be scored a second time.
            throw failed(
                    "%s. It had completed %d checkpoints before, so going back to %s would write their scores again: nothing runs now; %s"
                            .formatted(
                                    what,
                                    checkpoints.completed(),
                                    savepoint,
                                    goOn(
                                            checkpoints.newest().isEmpty()
                                                    ? "LAST_CHECKPOINT"
                                                    : checkpoints.newest())),
                    cause);
        }
    }

    private void refuseAnother() throws ClusterException {
        Optional<ClusterJob> another =
                new Deadline(patience).repeat(() -> cluster.ofPipeline(pipeline));
        if (another.isPresent()) {
            throw new ClusterException(
                    "job %s of pipeline '%s' runs meanwhile"
                            .formatted(another.get().id(), pipeline));
        }
    }

    private UpgradeFailedException goBack(
            JobStart back, OptionalInt parallelism, String what, ClusterException cause) {
        try {
            String job = back.run(parallelism, Optional.of(savepoint), "the old version");
            return failed(
                    "%s. The old version runs again from the same savepoint, as job %s: %s"
                            .formatted(what, job, cluster.page(job)),
                    cause);
        } catch (ClusterException e) {
            e.addSuppressed(cause);
            String first =
                    back.job().isEmpty()
                            ? ""
                            : "'millrace job cancel %s' ends what there is of it; "
                                    .formatted(back.job());
            return failed(
                    "%s. The old version does not come up again either: %s. %s%s"
                            .formatted(what, e.getMessage(), first, goOnFromTheLast(back.job())),
                    e);
        }
    }

    private static UpgradeFailedException failed(String message, ClusterException cause) {
        return new UpgradeFailedException(message, cause);
    }

    private static String goOn(String from) {
        return "'millrace job submit PIPELINE --from-savepoint %s' goes on".formatted(from);
    }

    /** For whoever has to look whether a job committed something. */
    private String goOnFromTheLast(String job) {
        if (job.isEmpty()) {
            return goOn(savepoint);
        }
        return "%s; if job %s has completed a checkpoint, from that one instead, or scores are written twice: %s"
                .formatted(goOn(savepoint), job, cluster.page(job));
    }
}
