package dev.millrace.cli;

import dev.millrace.cluster.ClusterJob;
import dev.millrace.cluster.FlinkCluster;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Ends a job as it is. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        header = "End a job without a savepoint.",
        description = {
            "Its last checkpoint stays, but records scored since then count as not scored. To go on"
                    + " later, end it with 'millrace job savepoint --stop' instead.",
            ""
        },
        sortOptions = false)
final class JobCancelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "A pipeline's name or file, or a job's id.")
    private String wanted;

    @Mixin private ClusterOptions options;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        FlinkCluster cluster = options.connect();
        ClusterJob job = ClusterOptions.find(cluster, wanted);
        cluster.cancel(job.id(), options.patience());
        spec.commandLine().getOut().printf("Job %s, '%s', is ended%n", job.id(), job.name());
        spec.commandLine().getOut().flush();
        return 0;
    }
}
