package dev.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that runs pipelines one after another, each until its topic's end: a driver that was loaded
 * stays loaded, and the test's own JVM is to have none.
 */
final class ScoringProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    /**
     * Starts it.
     *
     * @param options for Java
     * @param log takes what the process says
     */
    ScoringProcess(
            List<String> options, Map<String, String> environment, List<Path> pipelines, Path log)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx1g");
        // Part of the log file's name, see log4j2-test.xml.
        command.add("-Dsurefire.forkNumber=" + log.getFileName());
        command.addAll(options);
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        ScoringProcess.class.getName()));
        pipelines.forEach(pipeline -> command.add(pipeline.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        this.log = log;
        process = builder.start();
    }

    /** Runs the pipelines whose files are named; ends with status 1 at the first that fails. */
    public static void main(String[] pipelines) {
        for (String pipeline : pipelines) {
            long begin = System.nanoTime();
            TestingCommand.Outcome outcome =
                    TestingCommand.run(
                            "score",
                            "--until-end",
                            "--checkpoint-dir",
                            pipeline + ".checkpoints",
                            pipeline);
            System.out.println(outcome.out() + outcome.err());
            System.out.printf("%s: %.1f s%n", pipeline, (System.nanoTime() - begin) * 1e-9);
            if (outcome.exitCode() != 0) {
                System.exit(1);
            }
        }
        System.exit(0);
    }

    /** Waits until all pipelines are at their end; returns what the process said. */
    String await(long seconds) throws IOException, InterruptedException {
        assertThat(process.waitFor(seconds, TimeUnit.SECONDS)).as("ends in time").isTrue();
        String said = Files.readString(log);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
