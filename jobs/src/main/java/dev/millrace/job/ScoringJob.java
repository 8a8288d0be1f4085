package dev.millrace.job;

import dev.millrace.job.config.ConfigException;
import dev.millrace.job.kafka.BrokerChecks;
import dev.millrace.job.kafka.BrokerUnavailableException;
import dev.millrace.job.kafka.Finding;
import dev.millrace.job.kafka.TargetTopics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main of the scoring job on a cluster: {@code flink run -c dev.millrace.job.ScoringJob
 * millrace-jobs.jar pipeline.yaml}. Model and schema files are read here, in the client, and travel
 * with the job.
 */
public final class ScoringJob {
    private static final Logger LOG = LoggerFactory.getLogger(ScoringJob.class);

    /** In place of a file: the pipeline that is in the jar itself. */
    public static final String BUNDLED = "--bundled";

    private ScoringJob() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 1) {
            throw new IllegalArgumentException(
                    "Usage: flink run -c dev.millrace.job.ScoringJob millrace-jobs.jar"
                            + " pipeline.yaml; got %d arguments".formatted(arguments.length));
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        PreparedPipeline pipeline =
                arguments[0].equals(BUNDLED) ? prepareBundled() : prepare(Path.of(arguments[0]));
        LOG.info(
                "{}; taskmanager.memory.task.off-heap.size has to cover that for every task slot",
                pipeline.slotMemory());
        ScoringTopology.build(environment, pipeline);
        environment.execute(jobName(pipeline.config().name()));
    }

    /** What Flink calls a pipeline's job. */
    public static String jobName(String pipeline) {
        return "millrace " + pipeline;
    }

    private static PreparedPipeline prepareBundled()
            throws ConfigException, IOException, PipelineRefusedException {
        try (BundledPipeline bundle = new BundledPipeline()) {
            return prepare(bundle.file());
        }
    }

    /**
     * Reads a pipeline, holds it against its model, schema and brokers, and creates the topics it
     * writes to where it may.
     *
     * @throws ConfigException if anything is wrong with the pipeline
     * @throws PipelineRefusedException if the brokers are not as it needs them
     */
    public static PreparedPipeline prepare(Path file)
            throws ConfigException, IOException, PipelineRefusedException {
        return prepare(PreparedPipeline.read(file));
    }

    /**
     * The same for a pipeline that is to run in this process: its engine and its memory have to be
     * here.
     */
    public static PreparedPipeline prepareHere(Path file)
            throws ConfigException, IOException, PipelineRefusedException {
        PreparedPipeline pipeline = PreparedPipeline.read(file);
        pipeline.requireThisMachine();
        return prepare(pipeline);
    }

    private static PreparedPipeline prepare(PreparedPipeline pipeline)
            throws PipelineRefusedException {
        List<Finding> findings = BrokerChecks.prepare(pipeline.config());
        for (Finding finding : findings) {
            if (finding.level() == Finding.Level.WARNING) {
                LOG.warn("{}", finding);
            }
        }
        String bad =
                findings.stream()
                        .filter(finding -> finding.level() == Finding.Level.BAD)
                        .map(Finding::toString)
                        .collect(Collectors.joining("\n"));
        if (!bad.isEmpty()) {
            throw new PipelineRefusedException(bad);
        }
        try {
            TargetTopics.prepareReleases(pipeline.config());
        } catch (BrokerUnavailableException | IllegalArgumentException e) {
            throw new PipelineRefusedException(e.getMessage());
        }
        return pipeline;
    }
}
