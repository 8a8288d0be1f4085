package dev.millrace.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.millrace.cluster.ClusterJob;
import dev.millrace.cluster.FlinkCluster;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the jobs of a cluster. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        header = "List the jobs of a Flink cluster.",
        sortOptions = false)
final class JobListCommand implements Callable<Integer> {
    @Mixin private ClusterOptions options;

    @Option(names = "--all", description = "Also those that have ended.")
    private boolean all;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "TEXT",
            description = "text or json. Default: text")
    private OutputFormat output;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        FlinkCluster cluster = options.connect();
        List<ClusterJob> jobs = cluster.jobs().stream().filter(job -> all || !job.ended()).toList();
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case TEXT -> print(jobs, out);
            case JSON -> out.println(json(jobs, cluster));
        }
        out.flush();
        return 0;
    }

    private void print(List<ClusterJob> jobs, PrintWriter out) {
        if (jobs.isEmpty()) {
            out.println(all ? "There is no job" : "No job runs; --all shows those that have ended");
            return;
        }
        TextTable table = new TextTable("lllrl");
        table.row("JOB", "NAME", "STATE", "TASKS", "SINCE");
        for (ClusterJob job : jobs) {
            table.row(
                    job.id(),
                    job.name(),
                    job.state(),
                    job.running() + "/" + job.tasks(),
                    job.started().truncatedTo(ChronoUnit.SECONDS).toString());
        }
        table.print(out);
    }

    private static String json(List<ClusterJob> jobs, FlinkCluster cluster) {
        ArrayNode list = new ObjectMapper().createArrayNode();
        for (ClusterJob job : jobs) {
            list.addObject()
                    .put("id", job.id())
                    .put("name", job.name())
                    .put("state", job.state())
                    .put("running", job.running())
                    .put("tasks", job.tasks())
                    .put("started", job.started().toString())
                    .put("page", cluster.page(job.id()).toString());
        }
        return list.toString();
    }
}
