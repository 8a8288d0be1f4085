package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.job.TestingKafka;
import dev.millrace.job.TestingPipeline;
import dev.millrace.operator.inference.InferenceMetrics;
import dev.millrace.schema.Contracts;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreCommandIT {
    private static final int RECORDS = 2000;

    @TempDir private Path folder;
    private TestingKafka kafka;
    private Path pipeline;
    private Path checkpoints;

    @BeforeEach
    void start() throws Exception {
        kafka = new TestingKafka();
        kafka.createTopic("payments", 1);
        pipeline = TestingPipeline.write(folder, kafka.bootstrapServers(), "");
        checkpoints = folder.resolve("checkpoints");
    }

    @AfterEach
    void stop() {
        kafka.close();
    }

    private void send(int from, int to) throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int id = from; id < to; id++) {
            records.add(new ProducerRecord<>("payments", 0, null, TestingPipeline.payment(id)));
        }
        kafka.send(records);
    }

    private List<Long> scoredOffsets(int count) throws IOException {
        GenericDatumReader<GenericRecord> reader =
                new GenericDatumReader<>(Contracts.scoredRecord());
        List<Long> offsets = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.read("scored", count)) {
            GenericRecord value =
                    reader.read(null, DecoderFactory.get().binaryDecoder(record.value(), null));
            offsets.add((Long) ((GenericRecord) value.get("source")).get("offset"));
        }
        return offsets;
    }

    private static List<Long> offsetsUpTo(int end) {
        return LongStream.range(0, end).boxed().toList();
    }

    private Process score(String... options) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Millrace.class.getName(),
                                "score",
                                "--checkpoint-dir",
                                checkpoints.toString(),
                                pipeline.toString()));
        command.addAll(List.of(options));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    private Path log() {
        return folder.resolve("score.log");
    }

    @Test
    void scoresWhatIsThereAndEnds() throws Exception {
        send(0, RECORDS);
        Outcome outcome =
                TestingCommand.run(
                        "score",
                        "--until-end",
                        "--checkpoint-dir",
                        checkpoints.toString(),
                        pipeline.toString());

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("Scoring payments to scored with fraud:7", "Done");
        assertThat(scoredOffsets(RECORDS)).isEqualTo(offsetsUpTo(RECORDS));
    }

    @Test
    void readsOnAfterARunThatEnded() throws Exception {
        kafka.createTopic("scored", 1);
        send(0, RECORDS);
        String[] untilEnd = {
            "score", "--until-end", "--checkpoint-dir", checkpoints.toString(), pipeline.toString()
        };
        assertThat(TestingCommand.run(untilEnd).exitCode()).isZero();
        send(RECORDS, 2 * RECORDS);
        assertThat(TestingCommand.run(untilEnd).exitCode()).isZero();
        send(2 * RECORDS, 3 * RECORDS);
        int port = freePort();
        Path json = folder.resolve("score.json");
        Process unbounded =
                score(
                        "--metrics-port",
                        String.valueOf(port),
                        "--log",
                        json.toString(),
                        "--log-format",
                        "json");
        try {
            assertThat(scoredOffsets(3 * RECORDS))
                    .as(Files.readString(log()))
                    .isEqualTo(offsetsUpTo(3 * RECORDS));
            assertThat(metrics(port))
                    .contains(InferenceMetrics.RECORDS_SCORED.prometheusName() + "{")
                    .contains("job_name=\"millrace test\"");
            JsonNode line = new ObjectMapper().readTree(Files.readAllLines(json).get(0));
            assertThat(line.get("message").asText()).isNotEmpty();
        } finally {
            unbounded.destroyForcibly().waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String metrics(int port) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + port + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void goesOnAfterATerminationAndAfterAKill() throws Exception {
        kafka.createTopic("scored", 1);
        send(0, RECORDS);
        Process first = score();
        assertThat(scoredOffsets(RECORDS)).as(Files.readString(log())).hasSize(RECORDS);
        first.destroy();
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(first.exitValue()).as(Files.readString(log())).isZero();
        assertThat(Files.readString(log())).contains("Stopped with a savepoint");

        send(RECORDS, 2 * RECORDS);
        Process second = score();
        assertThat(scoredOffsets(RECORDS + 1)).as(Files.readString(log())).isNotEmpty();
        send(2 * RECORDS, 3 * RECORDS);
        second.destroyForcibly();
        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();

        send(3 * RECORDS, 4 * RECORDS);
        Process third = score();
        try {
            assertThat(scoredOffsets(4 * RECORDS))
                    .as(Files.readString(log()))
                    .isEqualTo(offsetsUpTo(4 * RECORDS));
            assertThat(Files.readString(log())).contains("Resuming from");
        } finally {
            third.destroyForcibly().waitFor();
        }
    }

    @Test
    void refusesBrokersThatDoNotFit() throws Exception {
        Path file =
                TestingPipeline.write(
                        folder, kafka.bootstrapServers(), "  transaction-timeout: 16 min\n");
        Outcome outcome = TestingCommand.run("score", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("is 16 min", "transaction.max.timeout.ms is 15 min");
    }

    @Test
    void doctorFindsTheTopicThatWasMeant() throws Exception {
        Path file = TestingPipeline.write(folder, kafka.bootstrapServers(), "");
        assertThat(TestingCommand.run("doctor", file.toString()).exitCode()).isZero();

        Files.writeString(
                file, Files.readString(file).replace("topics: payments", "topics: paymets"));
        Outcome outcome = TestingCommand.run("doctor", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out())
                .contains("there is no topic 'paymets'")
                .contains("Did you mean 'payments'?")
                .contains("fraud:7 takes features FLOAT32[15]");
    }

    @Test
    void doctorNamesAFeatureThatTheSchemaLacks() throws Exception {
        Path file =
                TestingPipeline.write(folder, kafka.bootstrapServers(), "features: [featurse]\n");
        Outcome outcome = TestingCommand.run("doctor", file.toString());

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out()).contains("line 16").contains("featurse").contains("features");
    }
}
