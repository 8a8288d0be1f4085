package dev.millrace.cli;

import dev.millrace.cluster.ClusterJob;
import dev.millrace.cluster.FlinkCluster;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a savepoint. */
@Command(
        name = "savepoint",
        mixinStandardHelpOptions = true,
        header = "Take a savepoint of a job that goes on, and print where it is.",
        sortOptions = false)
final class JobSavepointCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "A pipeline's name or file, or a job's id.")
    private String wanted;

    @Mixin private ClusterOptions options;

    @Option(
            names = "--directory",
            paramLabel = "PATH",
            description =
                    "Where it goes: a path or address that the cluster can write to. Default: what"
                            + " the cluster is configured for")
    private String directory;

    @Option(
            names = "--stop",
            description = "End the job with it: nothing is scored after the savepoint.")
    private boolean stop;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        FlinkCluster cluster = options.connect();
        ClusterJob job = ClusterOptions.find(cluster, wanted);
        Optional<String> target = Optional.ofNullable(directory);
        String savepoint =
                stop
                        ? cluster.stop(job.id(), target, options.patience())
                        : cluster.savepoint(job.id(), target, options.patience());
        spec.commandLine().getOut().println(savepoint);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
