package dev.millrace.cli;

import dev.millrace.cluster.ClusterJob;
import dev.millrace.cluster.FlinkCluster;
import dev.millrace.cluster.JobLauncher;
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

/** Starts a pipeline on a cluster. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        header = "Start a pipeline on a Flink cluster and wait until it runs.",
        description = {
            "The pipeline travels with its model and schema inside the uploaded jar: nothing of it"
                    + " has to be on the cluster. Placeholders ($${NAME}, $${file:/path}) travel as"
                    + " they are and are resolved by the JobManager, so secrets stay where they"
                    + " are; brokers and registry are asked from there too. A job that does not"
                    + " come up in time is taken back, and its cause is shown.",
            ""
        },
        sortOptions = false)
final class JobSubmitCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PIPELINE", description = "The pipeline's YAML file.")
    private Path file;

    @Mixin private ClusterOptions options;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "Tasks, whatever the pipeline says.")
    private Integer parallelism;

    @Option(
            names = "--if-absent",
            description = "Do nothing, successfully, where a job of this pipeline runs already.")
    private boolean ifAbsent;

    @Option(
            names = "--from-savepoint",
            paramLabel = "PATH",
            description =
                    "Go on from a savepoint or retained checkpoint: a path or address that the"
                            + " cluster can read.")
    private String savepoint;

    @Option(
            names = "--jar",
            paramLabel = "FILE",
            description = "The job's jar. Default: millrace-jobs.jar of this Millrace")
    private Path jar;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PipelineShipment pipeline = PipelineShipment.of(file, tasks(parallelism, options));
        FlinkCluster cluster = options.connect();
        Optional<ClusterJob> there = cluster.ofPipeline(pipeline.name());
        if (ifAbsent && there.isPresent()) {
            out.printf(
                    "Pipeline '%s' runs already%n%s%n",
                    pipeline.name(), cluster.page(there.get().id()));
            out.flush();
            return 0;
        }
        JobLauncher launcher = launcher(cluster, ClusterOptions.jobs(jar), options, out);
        String job = launcher.submit(pipeline, Optional.ofNullable(savepoint));
        out.printf("Pipeline '%s' runs%n%s%n", pipeline.name(), cluster.page(job));
        out.flush();
        return 0;
    }

    static OptionalInt tasks(Integer parallelism, ClusterOptions options) {
        if (parallelism != null && parallelism < 1) {
            throw options.usage("--parallelism must be at least 1: " + parallelism);
        }
        return parallelism == null ? OptionalInt.empty() : OptionalInt.of(parallelism);
    }

    static JobLauncher launcher(
            FlinkCluster cluster, Path jobs, ClusterOptions options, PrintWriter out) {
        return new JobLauncher(
                cluster,
                jobs,
                options.patience(),
                line -> {
                    out.println(line);
                    out.flush();
                });
    }
}
