package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.job.TestingPipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParseResult;

/** What a replay refuses before it asks a broker; nobody listens at the pipeline's. */
class ReplayOptionsTest {
    private static final String RELEASES = "releases:\n  topic: fraud-releases\n";

    @TempDir private Path folder;

    private Outcome replay(String arguments) {
        Path pipeline = TestingPipeline.write(folder, "localhost:1", RELEASES);
        List<String> all = new ArrayList<>(List.of("replay", pipeline.toString()));
        all.addAll(List.of(arguments.split(" ")));
        return TestingCommand.run(all.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--rate 5/s | either --output-topic or --output-dir",
                "--output-topic a --output-dir b | either --output-topic or --output-dir",
                "--output-topic a --from-checkpoint maybe | is latest or none, not 'maybe'",
                "--output-topic a --parallelism 0 | --parallelism must be at least 1: 0",
                "--output-topic a --parallelism -3 | --parallelism must be at least 1: -3",
                "--output-topic a --max-batch-size 0 | --max-batch-size must be at least 1: 0",
                "--output-topic a --model fraud | --model fraud is not NAME:VERSION",
                "--output-topic a --model fraud: | --model fraud: is not NAME:VERSION",
                "--output-topic a --from-offset payments:0=3000 --to-offset payments:0=10 |"
                        + " --from-offset payments:0=3000 is not before --to-offset payments:0=10",
                "--output-dir a --into-live | --into-live goes with --output-topic",
                "--output-topic a --into-live | which is 'scored' and not 'a'",
            })
    void wrongUsageIsTwo(String arguments, String message) {
        Outcome outcome = replay(arguments);

        assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scored | 'scored', where the live pipeline has its scored records",
                "scored.dead-letters | where the live pipeline has its dead letters",
                "scored.shadow | where the live pipeline has its shadow scores",
                "fraud-releases | where the live pipeline has its model releases",
                "payments | where the live pipeline has the records it reads",
            })
    void theLivePipelinesTopicsAreNoOutput(String topic, String message) {
        for (String input : List.of("", " --dead-letters other", " --input " + folder)) {
            Outcome outcome = inputFile("--output-topic " + topic + input);
            assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
            assertThat(outcome.err()).contains(message, "name another topic");
        }
    }

    private Outcome inputFile(String arguments) {
        try {
            Files.writeString(folder.resolve("payments.jsonl"), "{}\n");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return replay(arguments.replace("--input " + folder, "--input " + folder + "/*.jsonl"));
    }

    @Test
    void topicsThatFollowFromTheOutputAreHeldAgainstTheLiveOnes() throws Exception {
        Path pipeline =
                TestingPipeline.write(
                        folder,
                        "localhost:1",
                        RELEASES
                                + "  shadow-topic: audit.shadow\ndead-letters:\n"
                                + "  topic: mended.dead-letters\n");
        for (String topic : List.of("audit", "mended")) {
            Outcome outcome =
                    TestingCommand.run("replay", pipeline.toString(), "--output-topic", topic);
            assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
            assertThat(outcome.err()).contains("would write into topic '" + topic + ".");
        }
    }

    @Test
    void theDeadLettersThatAreReadAreNoOutput() {
        Outcome outcome = replay("--dead-letters other --output-topic other");

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains("topic 'other' would be read and written");
    }

    private static String asked(String arguments) {
        List<String> all = new ArrayList<>(List.of("replay"));
        all.addAll(List.of(arguments.split(" ")));
        ParseResult parsed = Millrace.commandLine().parseArgs(all.toArray(String[]::new));
        return ReplayCommand.asked(parsed.subcommand().commandSpec());
    }

    /** However it is written, and wherever it goes on. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--output-topic=out --from-offset=p:1=5 --from-offset p:0=7 p.yaml --rate 50000/s",
                "p.yaml --from-checkpoint latest --output-topic out --rate 50000 --from-offset p:0=7"
                        + " --from-offset p:1=5",
                "p.yaml --output-topic out --rate=50000/s --from-offset p:0=7 --from-offset p:1=5"
                        + " --from-checkpoint=latest",
                "p.yaml --checkpoint-dir x --output-topic out --rate 50000/s --from-offset p:0=7"
                        + " --from-offset p:1=5 --from-checkpoint=none --verbose",
            })
    void theSameReplayIsKnownAgain(String arguments) {
        assertThat(asked(arguments))
                .isEqualTo(
                        "replay "
                                + Path.of("p.yaml").toAbsolutePath()
                                + " --from-offset p:0=7 --from-offset p:1=5 --output-topic out"
                                + " --rate 50000.0");
    }

    @Test
    void filesAreKnownHoweverTheyAreWritten() {
        Path here = Path.of("").toAbsolutePath();
        String asked = asked("p.yaml --input a.avro --input s3://archive/./b.avro --output-dir o");
        assertThat(asked)
                .contains(" --input " + here + "/a.avro --input s3://archive/./b.avro ")
                .isEqualTo(
                        asked(
                                "./p.yaml --input ./x/../a.avro --input s3://archive/./b.avro"
                                        + " --output-dir ./o/"))
                .isEqualTo(
                        asked(
                                "%1$s/p.yaml --input file://%1$s/a.avro --input s3://archive/./b.avro --output-dir %1$s/o"
                                        .formatted(here)));
        assertThat(asked).isNotEqualTo(asked.replace("/a.avro", "/b.avro"));
        assertThat(asked("p.yaml --output-dir o --input 2026-*/*.avro"))
                .endsWith(" --input " + here + "/2026-*/*.avro --output-dir " + here + "/o");
    }

    @Test
    void anotherReplayIsNot() {
        String one = asked("p.yaml --output-topic out");
        assertThat(one).isNotEqualTo(asked("p.yaml --output-topic out --to 2026-01-31T00:00Z"));
        assertThat(one).isNotEqualTo(asked("p.yaml --output-topic out --as-of none"));
        assertThat(asked("p.yaml --output-topic scored --into-live --dead-letters dead"))
                .isEqualTo(
                        "replay "
                                + Path.of("p.yaml").toAbsolutePath()
                                + " --dead-letters dead --output-topic scored --into-live");
    }
}
