package dev.millrace.job.replay;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The main of a replay on a cluster: {@code flink run -c dev.millrace.job.replay.ReplayJob
 * millrace-jobs.jar pipeline.yaml --from … --to … --output-topic …}, with the options of {@code
 * millrace replay}.
 */
@Command(name = "ReplayJob")
public final class ReplayJob {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayJob.class);

    @Mixin private ReplayOptions options;

    private ReplayJob() {}

    public static void main(String[] arguments) throws Exception {
        ReplayJob job = new ReplayJob();
        new CommandLine(job).parseArgs(arguments);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        Replay replay = Replay.prepare(job.options);
        LOG.info("Replaying {} to {}", replay.input(), replay.output());
        replay.build(environment);
        environment.execute("millrace replay " + replay.pipeline().config().name());
    }
}
