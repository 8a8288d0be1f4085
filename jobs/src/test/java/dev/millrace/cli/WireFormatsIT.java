package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.job.TestingKafka;
import dev.millrace.job.TestingPipeline;
import dev.millrace.schema.Framing;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same records give the same scores whatever format they come in. */
class WireFormatsIT {
    private static final int RECORDS = 20;

    @TempDir private Path folder;
    private TestingKafka kafka;
    private TestingRegistry registry;
    private Path records;

    @BeforeEach
    void start() throws Exception {
        kafka = new TestingKafka();
        registry = new TestingRegistry();
        records = folder.resolve("payments.jsonl");
        Files.writeString(
                records,
                IntStream.range(0, RECORDS)
                        .mapToObj(WireFormatsIT::payment)
                        .collect(Collectors.joining("\n")));
    }

    @AfterEach
    void stop() {
        registry.close();
        kafka.close();
    }

    private static String payment(int id) {
        String features =
                IntStream.range(0, TestingPipeline.FEATURES)
                        .mapToObj(i -> String.valueOf(i * id % 7))
                        .collect(Collectors.joining(", "));
        return "{\"id\": %d, \"features\": [%s]}".formatted(id, features);
    }

    /** Submits and scores in one format; returns the scores in order. */
    private String scores(String name, String format, String more) throws Exception {
        kafka.createTopic(name, 1);
        Path pipeline = TestingPipeline.write(folder, kafka.bootstrapServers(), more);
        Files.writeString(
                pipeline,
                Files.readString(pipeline)
                        .replace("name: test", "name: " + name)
                        .replace("topics: payments", "topics: " + name)
                        .replace("topic: scored", "topic: " + name + "-scored")
                        .replace("format: avro\n", "format: " + format + "\n"));
        return scores(pipeline);
    }

    private String scores(Path pipeline) {
        Outcome submitted =
                TestingCommand.run(
                        "submit",
                        "-p",
                        pipeline.toString(),
                        "--schema",
                        folder.resolve("payment.avsc").toString(),
                        records.toString());
        assertThat(submitted.err()).isEmpty();
        Outcome scored =
                TestingCommand.run(
                        "score",
                        "--until-end",
                        "--checkpoint-dir",
                        folder.resolve("checkpoints").toString(),
                        pipeline.toString());
        assertThat(scored.err()).isEmpty();
        Outcome tail =
                TestingCommand.run(
                        "tail",
                        "-p",
                        pipeline.toString(),
                        "--from-beginning",
                        "--max",
                        String.valueOf(RECORDS));
        assertThat(tail.out().lines()).hasSize(RECORDS);
        return tail.out()
                .lines()
                .map(line -> line.replaceFirst(".*/0@", ""))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void scoreIsTheSameInEveryFormat() throws Exception {
        String plain = scores("plain", "avro", "");

        assertThat(plain).contains("fraud=");
        assertThat(scores("json", "json", "")).isEqualTo(plain);
        assertThat(scores("single", "avro-single-object", "  format: avro-single-object\n"))
                .isEqualTo(plain);
        assertThat(
                        scores(
                                "framed",
                                "confluent",
                                "  format: confluent\nregistry: {url: \"%s\"}\n"
                                        .formatted(registry.url())))
                .isEqualTo(plain);
        ConsumerRecord<byte[], byte[]> scored = kafka.read("framed-scored", 1).get(0);
        assertThat(ByteBuffer.wrap(scored.value()).get()).isEqualTo(Framing.CONFLUENT_MAGIC);
        assertThat(ByteBuffer.wrap(scored.value()).getInt(1))
                .isEqualTo(registry.id("framed-scored-value"));
    }

    @Test
    void planNeedsNoFileWhereTheRegistryKnowsTheSchema() throws Exception {
        kafka.createTopic("payments", 1);
        Path pipeline =
                TestingPipeline.write(
                        folder,
                        kafka.bootstrapServers(),
                        "registry: {url: \"%s\"}\n".formatted(registry.url()));
        Files.writeString(
                pipeline,
                Files.readString(pipeline)
                        .replace("format: avro\n", "format: confluent\n")
                        .replace("  schema-file: payment.avsc\n", ""));
        Outcome early = TestingCommand.run("score", pipeline.toString());
        assertThat(early.exitCode()).isEqualTo(2);
        assertThat(early.err()).contains("no subject 'payments-value'");

        assertThat(scores(pipeline)).contains("fraud=");
    }
}
