package dev.millrace.cli;

import dev.millrace.cluster.ClusterJob;
import dev.millrace.cluster.FlinkCluster;
import dev.millrace.cluster.JobLauncher;
import dev.millrace.cluster.UpgradeFailedException;
import dev.millrace.job.ScoringJob;
import dev.millrace.job.config.PipelineShipment;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Replaces a running job by another version of its pipeline. */
@Command(
        name = "upgrade",
        mixinStandardHelpOptions = true,
        header = "Replace a job by another version of its pipeline: YAML, model, tasks or jar.",
        description = {
            "Ends the job with a savepoint, starts the new version from it and waits until all of"
                    + " its tasks run. If it does not come up, the old version is started from the"
                    + " same savepoint, and the command fails with the cause. Records are scored"
                    + " once, by the old version up to the savepoint and by the new one after it.",
            ""
        },
        sortOptions = false)
final class JobUpgradeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PIPELINE", description = "The new version's YAML file.")
    private Path file;

    @Mixin private ClusterOptions options;

    @Option(
            names = "--job",
            paramLabel = "JOB",
            description = "The job to replace. Default: the one of the pipeline's name")
    private String wanted;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "Tasks, whatever the pipeline says.")
    private Integer parallelism;

    @Option(
            names = "--savepoint-directory",
            paramLabel = "PATH",
            description =
                    "Where the savepoint goes: a path or address that the cluster can write to."
                            + " Default: what the cluster is configured for")
    private String directory;

    @Option(
            names = "--previous",
            paramLabel = "PIPELINE",
            description =
                    "The old version's YAML file, to go back to where the cluster no longer has the"
                            + " jar that the job was started from.")
    private Path previous;

    @Option(
            names = "--no-way-back",
            description = "Go on although the old version could not be started again.")
    private boolean noWayBack;

    @Option(
            names = "--jar",
            paramLabel = "FILE",
            description = "The new version's jar. Default: millrace-jobs.jar of this Millrace")
    private Path jar;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PipelineShipment pipeline =
                PipelineShipment.of(file, JobSubmitCommand.tasks(parallelism, options));
        FlinkCluster cluster = options.connect();
        ClusterJob old = ClusterOptions.find(cluster, wanted == null ? pipeline.name() : wanted);
        if (!old.name().equals(ScoringJob.jobName(pipeline.name()))) {
            throw new CommandFailedException(
                    "job %s is '%s' and %s describes '%s'. Another name means another consumer group and other transactional ids: cancel the one and submit the other"
                            .formatted(old.id(), old.name(), file, pipeline.name()));
        }
        JobLauncher launcher =
                JobSubmitCommand.launcher(cluster, ClusterOptions.jobs(jar), options, out);
        Optional<PipelineShipment> wayBack =
                previous == null
                        ? Optional.empty()
                        : Optional.of(PipelineShipment.of(previous, OptionalInt.empty()));
        try {
            String job =
                    launcher.upgrade(
                            old, pipeline, Optional.ofNullable(directory), wayBack, noWayBack);
            out.printf("Pipeline '%s' runs%n%s%n", pipeline.name(), cluster.page(job));
            out.flush();
            return 0;
        } catch (UpgradeFailedException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
    }
}
