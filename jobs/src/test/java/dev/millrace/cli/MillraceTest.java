package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.job.TestingPipeline;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MillraceTest {
    @TempDir private Path folder;

    @Test
    void helpNamesCommandsAndExitCodes() {
        Outcome outcome = TestingCommand.run("--help");

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("score", "doctor", "Exit codes");
    }

    @Test
    void everyCommandHasHelp() {
        for (String name : Millrace.commandLine().getSubcommands().keySet()) {
            Outcome outcome = TestingCommand.run("help", name);
            assertThat(outcome.exitCode()).as(name).isZero();
            assertThat(outcome.out()).as(name).contains("Usage: millrace " + name);
        }
    }

    @Test
    void versionIsThatOfTheBuild() {
        assertThat(TestingCommand.run("--version").out()).matches("(?s)millrace \\d.*Java.*");
    }

    @Test
    void wrongUsageIsTwo() {
        assertThat(TestingCommand.run().exitCode()).isEqualTo(2);
        assertThat(TestingCommand.run("scor").exitCode()).isEqualTo(2);
        assertThat(TestingCommand.run("score").exitCode()).isEqualTo(2);
    }

    @Test
    void wrongUsageIsSaidInALineAndWhereToReadOnInAnother() {
        Outcome missing = TestingCommand.run("score");
        assertThat(missing.out()).isEmpty();
        assertThat(missing.err().lines())
                .containsExactly(
                        "millrace: Missing required parameter: 'PIPELINE'",
                        "Run 'millrace score --help' to see how");
        Outcome nested = TestingCommand.run("model", "release", "--golden", "3");
        assertThat(nested.err().lines())
                .hasSize(2)
                .last()
                .isEqualTo("Run 'millrace model release --help' to see how");
        Outcome mistyped = TestingCommand.run("scor");
        assertThat(mistyped.err())
                .contains("'scor'", "Did you mean", "millrace score", "Run 'millrace --help'");
    }

    @Test
    void aCommandOfCommandsAloneShowsThem() {
        for (List<String> alone : List.of(List.<String>of(), List.of("model"), List.of("job"))) {
            Outcome outcome = TestingCommand.run(alone.toArray(new String[0]));
            assertThat(outcome.exitCode()).isEqualTo(2);
            assertThat(outcome.out()).isEmpty();
            assertThat(outcome.err()).contains("Usage: millrace", "Commands:");
        }
    }

    @Test
    void sharesAndRatesAreTakenAsPeopleWriteThem() {
        for (String command : List.of("demo", "generate")) {
            for (String rate : List.of("5000", "5000/s")) {
                assertThat(option(command, "--rate", rate)).isEqualTo(5000L);
            }
            for (String share : List.of("0.01", "1%")) {
                assertThat(option(command, "--poison", share)).isEqualTo(0.01);
            }
            assertThat(TestingCommand.run(command, "--rate", "fast").err())
                    .contains("--rate", "'fast' is no rate such as 5000/s");
            for (String wrong : List.of("1.5", "101%", "-1%", "NaN", "some")) {
                Outcome outcome = TestingCommand.run(command, "--poison=" + wrong);
                assertThat(outcome.exitCode()).isEqualTo(2);
                assertThat(outcome.err())
                        .contains("'" + wrong + "' is no share from 0 to 1 such as 0.01 or 1%");
            }
        }
    }

    private static Object option(String command, String name, String value) {
        return Millrace.commandLine()
                .parseArgs(command, name, value)
                .subcommand()
                .matchedOption(name)
                .getValue();
    }

    @Test
    void aMetricsPortThatIsTakenIsRefusedBeforeAnythingIsRead() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = String.valueOf(taken.getLocalPort());
            Outcome outcome = TestingCommand.run("score", "--metrics-port", port, "nope.yaml");
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.err())
                    .contains("--metrics-port " + port + " cannot be had")
                    .contains("in use", "name another port");
        }
        Outcome none = TestingCommand.run("score", "--metrics-port", "70000", "nope.yaml");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("--metrics-port must be from 1 to 65535: 70000");
    }

    @Test
    void aReleaseFromElsewhereIsRefusedBeforeItIsReadOrPublished() {
        Path pipeline =
                TestingPipeline.write(
                        folder,
                        "localhost:1",
                        "releases:\n  topic: fraud-releases\n  locations: ['https://models/']\n");
        Outcome outcome =
                TestingCommand.run(
                        "model",
                        "release",
                        "fraud:8",
                        "-p",
                        pipeline.toString(),
                        "--file",
                        folder.resolve("nothing.onnx").toString());
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("the job would refuse fraud:8", "nothing.onnx", "'releases.locations'")
                .contains("https://models/", "add its folder in " + pipeline);
    }

    @Test
    void wrongOptionsOfReleasesAreTwoBeforeAnythingIsRead() {
        TestingCommand.Outcome rows =
                TestingCommand.run(
                        "model release fraud:8 -p none.yaml --file m.onnx --golden-rows -1"
                                .split(" ", -1));
        assertThat(rows.exitCode()).isEqualTo(2);
        assertThat(rows.err()).contains("--golden-rows is -1");
        TestingCommand.Outcome time =
                TestingCommand.run(
                        "model rollback -p none.yaml --active-from tomorrow".split(" ", -1));
        assertThat(time.exitCode()).isEqualTo(2);
        assertThat(time.err()).contains("--active-from 'tomorrow' is no time");
    }

    @Test
    void missingFileIsNamedWithoutAStackTrace() {
        Outcome outcome = TestingCommand.run("score", folder.resolve("nope.yaml").toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err().strip())
                .isEqualTo("millrace: there is no file " + folder.resolve("nope.yaml"));
    }

    @Test
    void refusedPipelineIsTwoWithEveryProblem() throws IOException {
        Path file = folder.resolve("pipeline.yaml");
        Files.writeString(file, "pipelin:\n  name: x\nbatching:\n  linger: soon\n");
        Outcome outcome = TestingCommand.run("score", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err())
                .contains(file + ":1: unknown key 'pipelin'. Did you mean 'pipeline'?")
                .contains(file + ":4: expected a duration")
                .contains("problems; nothing was started")
                .doesNotContain("\tat ");
    }

    @Test
    void verboseShowsTheStackTrace() {
        Outcome outcome = TestingCommand.run("score", "--verbose", "nope.yaml");

        assertThat(outcome.err()).contains("\tat dev.millrace");
    }

    @Test
    void doctorReportsAPipelineThatCannotRun() throws IOException {
        Path file = folder.resolve("pipeline.yaml");
        Files.writeString(file, "pipeline: {name: x}\n");
        Outcome outcome = TestingCommand.run("doctor", "--output", "json", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out())
                .startsWith("[{")
                .contains("\"level\":\"bad\"", "'model.file' is missing");
    }

    @Test
    void wrongUsageOfSubmitIsTwoBeforeAnythingIsSent() throws IOException {
        Path schema = folder.resolve("id.avsc");
        Files.writeString(
                schema,
                "{\"type\": \"record\", \"name\": \"Id\", \"fields\": [{\"name\": \"id\","
                        + " \"type\": \"string\"}]}");
        Path file = Files.writeString(folder.resolve("ids.csv"), "id\na\n");
        String common = "submit --bootstrap-servers localhost:1 -t ids --schema " + schema + " ";

        Outcome time = TestingCommand.run((common + "--timestamp id " + file).split(" ", -1));
        assertThat(time.exitCode()).isEqualTo(2);
        assertThat(time.err())
                .contains("--timestamp needs a field of type long", "'id' is \"string\"");
        Outcome folders = TestingCommand.run((common + folder).split(" ", -1));
        assertThat(folders.exitCode()).isEqualTo(2);
        assertThat(folders.err()).contains(folder + " is a folder; name the files in it");

        Files.writeString(schema, "{\n\"type\": record}");
        Outcome broken = TestingCommand.run((common + file).split(" ", -1));
        assertThat(broken.exitCode()).isEqualTo(2);
        assertThat(broken.err())
                .contains("id.avsc is not an Avro schema: line 2, column ")
                .doesNotContain("Source", "jackson");
    }

    @Test
    void tailOfNoRecordsIsWrongUsage() {
        Outcome outcome = TestingCommand.run("tail", "-t", "scored", "--max", "0");

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains("--max needs at least 1 record, not 0");
    }
}
