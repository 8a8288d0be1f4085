package dev.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.job.TestingKafka;
import dev.millrace.job.TestingPipeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmitAndTailIT {
    @TempDir private Path folder;
    private TestingKafka kafka;
    private String pipeline;

    @BeforeEach
    void start() throws Exception {
        kafka = new TestingKafka();
        kafka.createTopic("payments", 1);
        pipeline = TestingPipeline.write(folder, kafka.bootstrapServers(), "").toString();
    }

    @AfterEach
    void stop() {
        kafka.close();
    }

    private static String json(int id) {
        String features =
                IntStream.range(0, TestingPipeline.FEATURES)
                        .mapToObj(i -> String.valueOf(i + id))
                        .collect(Collectors.joining(", "));
        return "{\"id\": %d, \"features\": [%s]}".formatted(id, features);
    }

    private Path file(String... lines) throws Exception {
        return Files.write(folder.resolve("payments.jsonl"), Arrays.asList(lines));
    }

    private List<String> keys(int count) {
        return kafka.read("payments", count).stream().map(r -> new String(r.key(), UTF_8)).toList();
    }

    @Test
    void sendsWhatFitsAndNamesWhatDoesNot() throws Exception {
        Path file = file(json(1), "{\"id\": \"x\"}", json(2), "nonsense");
        Outcome outcome =
                TestingCommand.run("submit", "-p", pipeline, "--key", "id", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out().strip()).isEqualTo("2 sent, 2 refused");
        assertThat(outcome.err())
                .contains("refused " + file + ":2: field id is \"x\", the schema wants long")
                .contains("refused " + file + ":4: not JSON");
        assertThat(keys(2)).containsExactly("1", "2");
    }

    @Test
    void goesOnAfterTheRecordsThatAreSkipped() throws Exception {
        Path file = file(json(1), "refused", json(2), json(3));
        Outcome outcome =
                TestingCommand.run(
                        "submit", "-p", pipeline, "--key", "id", "--skip", "2", file.toString());

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out().strip()).isEqualTo("2 sent, 0 refused, 2 skipped");
        assertThat(keys(2)).containsExactly("2", "3");
    }

    @Test
    void saysHowToGoOnAfterAFileThatBreaksOff() throws Exception {
        Path table = folder.resolve("payments.csv");
        Files.writeString(table, "id\n1\n\"2\n");
        Path schema = folder.resolve("id.avsc");
        Files.writeString(
                schema,
                "{\"type\": \"record\", \"name\": \"Id\", \"fields\": [{\"name\": \"id\","
                        + " \"type\": \"long\"}]}");
        Outcome outcome =
                TestingCommand.run(
                        "submit",
                        "--bootstrap-servers",
                        kafka.bootstrapServers(),
                        "--schema",
                        schema.toString(),
                        "--topic",
                        "payments",
                        table.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("the quote of line 3 is never closed", "--skip 1");
        assertThat(kafka.read("payments", 1)).hasSize(1);
    }

    @Test
    void refusesATopicThatIsNotThereAtOnce() throws Exception {
        String file = file(json(1)).toString();
        Outcome submit = TestingCommand.run("submit", "-p", pipeline, "-t", "paymens", file);
        assertThat(submit.exitCode()).isEqualTo(1);
        assertThat(submit.err())
                .contains("there is no topic 'paymens'. Did you mean 'payments'?")
                .contains("--create-topic");
        Outcome tail = TestingCommand.run("tail", "-p", pipeline);
        assertThat(tail.exitCode()).isEqualTo(1);
        assertThat(tail.err()).contains("there is no topic 'scored'");

        Outcome created =
                TestingCommand.run(
                        "submit", "-p", pipeline, "-t", "fresh", "--create-topic", "3", file);
        assertThat(created.exitCode()).isZero();
        assertThat(kafka.read("fresh", 1)).hasSize(1);
    }

    @Test
    void refusesARecordThatTheClientMayNotSend() throws Exception {
        String file = file(json(1), json(2)).toString();
        Outcome outcome =
                TestingCommand.run(
                        "submit", "-p", pipeline, "--property", "max.request.size=40", file);

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out().strip()).isEqualTo("0 sent, 2 refused");
        assertThat(outcome.err()).contains("payments.jsonl:2: ").contains("max.request.size");
    }

    @Test
    void brokerThatIsNotThereIsAFailureInWords() throws Exception {
        String file = file(json(1)).toString();
        Outcome outcome =
                TestingCommand.run(
                        "submit",
                        "-p",
                        pipeline,
                        "--bootstrap-servers",
                        "localhost:1",
                        "--property",
                        "request.timeout.ms=1000",
                        "--property",
                        "default.api.timeout.ms=1000",
                        file);
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).startsWith("millrace: no answer from localhost:1: ");
    }

    @Test
    void wrongUsageOfSubmitSaysWhatIsMissing() throws Exception {
        String file = file(json(1)).toString();
        assertThat(TestingCommand.run("submit", file).err()).contains("--schema or --pipeline");
        assertThat(TestingCommand.run("submit", "-p", pipeline, "--key", "idd", file).err())
                .contains("no field 'idd'");
        Outcome unknown = TestingCommand.run("submit", "-p", pipeline, pipeline);
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("add --type");
    }

    @Test
    void whatIsSubmittedIsScoredAndCanBeTailed() throws Exception {
        Path file = file(json(1), json(2), json(3));
        assertThat(TestingCommand.run("submit", "-p", pipeline, file.toString()).exitCode())
                .isZero();
        kafka.send(List.of(new ProducerRecord<>("payments", new byte[] {1, 2})));
        Outcome score =
                TestingCommand.run(
                        "score",
                        "--until-end",
                        "--checkpoint-dir",
                        folder.resolve("checkpoints").toString(),
                        pipeline);
        assertThat(score.err()).isEmpty();

        Outcome text = TestingCommand.run("tail", "-p", pipeline, "--from-beginning", "--max", "3");
        assertThat(text.exitCode()).isZero();
        assertThat(text.out().lines())
                .hasSize(3)
                .allMatch(line -> line.matches(".*Z  payments/0@\\d  fraud:7  fraud=.*"));

        Outcome json =
                TestingCommand.run(
                        "tail",
                        "-p",
                        pipeline,
                        "--from-beginning",
                        "--max",
                        "1",
                        "--output",
                        "json");
        JsonNode record = new ObjectMapper().readTree(json.out());
        assertThat(record.at("/scored/source/offset").asLong()).isZero();
        assertThat(record.at("/scored/scores/fraud").isNumber()).isTrue();
        assertThat(record.at("/headers/millrace").textValue()).contains("engine=");

        Outcome deadLetters =
                TestingCommand.run(
                        "tail", "-p", pipeline, "--dead-letters", "--from-beginning", "--max", "1");
        assertThat(deadLetters.out()).contains("payments/0@3  undecodable: ");
        List<ConsumerRecord<byte[], byte[]>> letters = kafka.read("scored.dead-letters", 1);
        assertThat(letters.get(0).value()).containsExactly(1, 2);
    }

    @Test
    void saysHowToGoOnAfterAFileThatIsNone() throws Exception {
        Path file = file(json(1), json(2));
        Path junk = Files.writeString(folder.resolve("junk.avro"), "no container");
        Outcome outcome =
                TestingCommand.run("submit", "-p", pipeline, file.toString(), junk.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out().strip()).isEqualTo("2 sent, 0 refused");
        assertThat(outcome.err()).contains(junk + ": no Avro container: ", "--skip 2");
        assertThat(kafka.read("payments", 2)).hasSize(2);
    }

    @Test
    void skippingMoreThanThereIsFails() throws Exception {
        Path file = file(json(1), json(2));
        Outcome outcome =
                TestingCommand.run("submit", "-p", pipeline, "--skip", "3", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out().strip()).isEqualTo("0 sent, 0 refused, 2 skipped");
        assertThat(outcome.err()).contains("--skip 3, but there are only 2 records");
    }
}
