package dev.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.endtoend.Eventually;
import dev.millrace.gpu.testing.TestModels;
import dev.millrace.job.TestingKafka;
import dev.millrace.job.TestingPipeline;
import dev.millrace.schema.ScoredRecordDecoder;
import dev.millrace.schema.SourcePosition;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandIT {
    private static final int RECORDS = 3000;
    private static final int PARTITIONS = 3;
    private static final long TIME = Instant.parse("2026-01-31T00:00:00Z").toEpochMilli();

    /** Of a replay that goes on: not from 0 %, and with an end in sight. */
    private static final String PROGRESS =
            "\n[1-9][0-9] %, [0-9,]+ more records, [0-9,]+/s, [0-9]+ s left";

    @TempDir private Path folder;
    private TestingKafka kafka;
    private Path pipeline;
    private String checkpoints;

    @BeforeEach
    void start() throws Exception {
        kafka = new TestingKafka();
        kafka.createTopic("payments", PARTITIONS);
        pipeline = TestingPipeline.write(folder, kafka.bootstrapServers(), "");
        checkpoints = folder.resolve("checkpoints").toString();
    }

    @AfterEach
    void stop() {
        kafka.close();
    }

    private static boolean poison(int id) {
        return id % 500 == 17;
    }

    private void send() throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int id = 0; id < RECORDS; id++) {
            byte[] value = poison(id) ? new byte[] {1} : TestingPipeline.payment(id);
            records.add(
                    new ProducerRecord<>(
                            "payments",
                            id % PARTITIONS,
                            TIME + id,
                            ("key-" + id).getBytes(UTF_8),
                            value));
        }
        kafka.send(records);
    }

    private Outcome run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--checkpoint-dir", checkpoints, pipeline.toString()));
        Outcome outcome = TestingCommand.run(all.toArray(String[]::new));
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        return outcome;
    }

    /** Values in hexadecimal digits by where their records came from; each must be there once. */
    private Map<String, String> scored(String topic, int count) throws Exception {
        Map<String, String> values = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.read(topic, count)) {
            SourcePosition source = ScoredRecordDecoder.decode(record.value()).source();
            String position = source.topic() + ":" + source.partition() + ":" + source.offset();
            assertThat(values.put(position, HexFormat.of().formatHex(record.value())))
                    .as("%s twice", position)
                    .isNull();
        }
        return values;
    }

    private static int good() {
        return RECORDS - RECORDS / 500;
    }

    @Test
    void replaysTheSameBytesInOtherMicroBatches() throws Exception {
        send();
        run("score", "--until-end");
        Outcome outcome =
                run(
                        "replay",
                        "--output-topic",
                        "again",
                        "--max-batch-size",
                        "7",
                        "--parallelism",
                        "2");
        assertThat(outcome.out())
                .contains("Replaying payments:0 0..999", "with fraud:7", "Done: 3,000 records");
        assertThat(scored("again", good())).isEqualTo(scored("scored", good())).hasSize(good());
        assertThat(kafka.read("again.dead-letters", RECORDS / 500)).hasSize(RECORDS / 500);

        run("replay", "--output-topic", "again");
        Outcome same = diff("--left", "scored", "--right", "again", "--max-differences", "0");
        assertThat(same.exitCode()).as(same.out() + same.err()).isZero();
        assertThat(same.out())
                .contains("2,994 records on both sides: 2,994 with equal bits, 0 different");

        run("replay", "--output-topic", "half", "--to-offset", "payments:0=500");
        Path page = folder.resolve("report.html");
        Outcome less =
                diff(
                        "--left",
                        "scored",
                        "--right",
                        "half",
                        "--max-differences",
                        "10",
                        "--report",
                        page.toString(),
                        "--output",
                        "json");
        assertThat(less.exitCode()).isEqualTo(3);
        assertThat(less.out()).contains("\"joined\":2495,\"equal\":2495,\"different\":0");
        assertThat(less.err()).contains("499 differences are more than --max-differences 10");
        assertThat(page).content().contains("echarts").hasSizeGreaterThan(600_000);

        String from = Instant.ofEpochMilli(TIME + 300).toString();
        String to = Instant.ofEpochMilli(TIME + 400).toString();
        run("replay", "--from", from, "--to", to, "--output-topic", "part");
        Outcome part =
                diff(
                        "--left",
                        "scored",
                        "--right",
                        "part",
                        "--from",
                        from,
                        "--to",
                        to,
                        "--max-differences",
                        "0");
        assertThat(part.exitCode()).as(part.out() + part.err()).isZero();
        assertThat(part.out())
                .contains("100 records on both sides: 100 with equal bits, 0 different");

        Outcome input =
                diff("--left", "payments", "--right", "scored", "--max-differences", "9999");
        assertThat(input.exitCode()).isEqualTo(1);
        assertThat(input.err())
                .contains(
                        "of 3,000 records looked at in 'payments', the left side, none is a scored record");
    }

    private Outcome diff(String... arguments) {
        List<String> all = new ArrayList<>(List.of("diff", "-p", pipeline.toString()));
        all.addAll(List.of(arguments));
        return TestingCommand.run(all.toArray(String[]::new));
    }

    @Test
    void takesTheRecordsBetweenTwoTimes() throws Exception {
        send();
        run(
                "replay",
                "--from",
                Instant.ofEpochMilli(TIME + 300).toString(),
                "--to",
                Instant.ofEpochMilli(TIME + 400).toString(),
                "--output-topic",
                "part");
        assertThat(scored("part", 100).keySet()).hasSize(100).contains("payments:0:100");

        Outcome nothing = run("replay", "--from", "2026-02-28T00:00Z", "--output-topic", "part");
        assertThat(nothing.out()).contains("Nothing to replay");
    }

    /** The connector's own bounded source would never end after the restore (FLINK-31006). */
    @Test
    void goesOnWhereItWasKilledAndEnds() throws Exception {
        send();
        kafka.createTopic("slow", PARTITIONS);
        String[] slow = {"replay", "--output-topic", "slow", "--rate", "300/s"};
        Process first = inItsOwnProcess(slow);
        assertThat(kafka.read("slow", 600).size()).as(log()).isBetween(600, good() - 1);
        first.destroyForcibly();
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();

        Outcome refused =
                TestingCommand.run(
                        "replay",
                        "--output-topic",
                        "slow",
                        "--checkpoint-dir",
                        checkpoints,
                        pipeline.toString());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("another replay into the same output");

        Process second = inItsOwnProcess(slow);
        assertThat(second.waitFor(120, TimeUnit.SECONDS)).as(log()).isTrue();
        assertThat(second.exitValue()).as(log()).isZero();
        assertThat(log()).contains("Going on from", "Done: ").containsPattern(PROGRESS);
        assertThat(scored("slow", good())).hasSize(good());
    }

    @Test
    void goesOnWithJsonLinesWhereItWasKilled() throws Exception {
        send();
        run("replay", "--output-topic", "original");
        Path archive = folder.resolve("archive");
        writeArchive(archive);
        for (int day = 0; day < 2; day++) {
            Path avro = archive.resolve("day-" + day + ".avro");
            writeJsonLines(avro, archive.resolve("day-" + day + ".jsonl"));
            Files.delete(avro);
        }
        Path out = folder.resolve("out");
        List<String> fields = new ArrayList<>(List.of("replay", "--rate", "300/s"));
        fields.addAll(List.of("--input", archive.toString(), "--output-dir", out.toString()));
        for (String field : List.of("topic", "partition", "offset")) {
            fields.addAll(List.of("--" + field + "-field", field));
        }
        fields.addAll(List.of("--timestamp-field", "time"));
        String[] slow = fields.toArray(String[]::new);
        Process first = inItsOwnProcess(slow);
        Eventually.await(
                "600 scored records in files",
                () -> Files.isDirectory(out) && scoredFiles(out).size() >= 600);
        first.destroyForcibly();
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();

        Process second = inItsOwnProcess(slow);
        assertThat(second.waitFor(120, TimeUnit.SECONDS)).as(log()).isTrue();
        assertThat(second.exitValue()).as(log()).isZero();
        assertThat(log()).contains("Going on from", "Done: ").containsPattern(PROGRESS);
        assertThat(scoredFiles(out)).isEqualTo(scored("original", good()));
    }

    private static void writeJsonLines(Path avro, Path lines) throws IOException {
        try (DataFileReader<GenericRecord> reader =
                        new DataFileReader<>(avro.toFile(), new GenericDatumReader<>());
                BufferedWriter writer = Files.newBufferedWriter(lines)) {
            for (GenericRecord record : reader) {
                writer.write(record + "\n");
            }
        }
    }

    private Process inItsOwnProcess(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Millrace.class.getName()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--checkpoint-dir", checkpoints, pipeline.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("replay.log").toFile()))
                .start();
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("replay.log"));
    }

    @Test
    void scoresDeadLettersAsTheRecordsTheyWere() throws Exception {
        send();
        Path broken = folder.resolve("broken");
        Files.createDirectories(broken);
        Path other = TestingPipeline.write(broken, kafka.bootstrapServers(), "");
        Files.writeString(
                other.resolveSibling("payment.avsc"),
                TestingPipeline.SCHEMA.replace(
                        "{\"name\": \"id\", \"type\": \"long\"}",
                        "{\"name\": \"id\", \"type\": {\"type\": \"fixed\", \"name\": \"F\", \"size\": 400}}"));
        Outcome outcome =
                TestingCommand.run(
                        "score", "--until-end", "--checkpoint-dir", checkpoints, other.toString());
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(kafka.read("scored.dead-letters", RECORDS)).hasSize(RECORDS);

        run("replay", "--dead-letters", "scored.dead-letters", "--output-topic", "mended");
        run("replay", "--output-topic", "original");
        assertThat(scored("mended", good())).isEqualTo(scored("original", good()));
        List<ConsumerRecord<byte[], byte[]>> still = kafka.read("mended.dead-letters", 6);
        assertThat(still).hasSize(RECORDS / 500);
        assertThat(
                        new String(
                                still.get(0).headers().lastHeader("millrace.error.topic").value(),
                                UTF_8))
                .isEqualTo("payments");
    }

    @Test
    void replaysFilesIntoFilesAsTheirTopicWas() throws Exception {
        send();
        run("replay", "--output-topic", "original");
        Path archive = folder.resolve("archive");
        writeArchive(archive);

        run(
                "replay",
                "--input",
                archive + "/day-*.avro",
                "--topic-field",
                "topic",
                "--partition-field",
                "partition",
                "--offset-field",
                "offset",
                "--timestamp-field",
                "time",
                "--output-dir",
                folder.resolve("out").toString());

        assertThat(scoredFiles(folder.resolve("out"))).isEqualTo(scored("original", good()));
    }

    @Test
    void replaysATimeRangeOfParquetFilesAsTheirTopicWas() throws Exception {
        send();
        String from = Instant.ofEpochMilli(TIME + 500).toString();
        String to = Instant.ofEpochMilli(TIME + 1500).toString();
        run("replay", "--output-topic", "part", "--from", from, "--to", to);
        Path archive = folder.resolve("archive");
        writeArchive(archive);
        for (int day = 0; day < 2; day++) {
            Path avro = archive.resolve("day-" + day + ".avro");
            writeParquet(avro, archive.resolve("sub/day-" + day + ".parquet"));
            Files.delete(avro);
        }
        List<String> fields = new ArrayList<>(List.of("replay", "--input", archive.toString()));
        for (String field : List.of("topic", "partition", "offset")) {
            fields.addAll(List.of("--" + field + "-field", field));
        }
        fields.addAll(List.of("--output-dir", folder.resolve("out").toString()));
        fields.addAll(List.of("--from", from, "--to", to));
        List<String> undated = new ArrayList<>(fields);
        undated.add(pipeline.toString());
        assertThat(TestingCommand.run(undated.toArray(String[]::new)).err())
                .contains("need --timestamp-field");

        fields.addAll(List.of("--timestamp-field", "time"));
        run(fields.toArray(String[]::new));
        assertThat(scoredFiles(folder.resolve("out"))).isEqualTo(scored("part", 998)).hasSize(998);
    }

    private static void writeParquet(Path avro, Path parquet) throws IOException {
        Files.createDirectories(parquet.getParent());
        try (DataFileReader<GenericRecord> reader =
                        new DataFileReader<>(avro.toFile(), new GenericDatumReader<>());
                ParquetWriter<GenericRecord> writer =
                        AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(parquet))
                                .withConf(new PlainParquetConfiguration())
                                .withSchema(reader.getSchema())
                                .withDataModel(new GenericData())
                                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                                .build()) {
            for (GenericRecord record : reader) {
                writer.write(record);
            }
        }
    }

    @Test
    void fillsAGapOfTheLiveTopicsWhenToldTo() throws Exception {
        send();
        String gap = Instant.ofEpochMilli(TIME + 1500).toString();
        String[] careless = {"replay", "--output-topic", "scored", pipeline.toString()};
        Outcome refused = TestingCommand.run(careless);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err())
                .contains("would write into topic 'scored'", "its scored records")
                .contains("fill a gap of the live topics by --into-live");

        run("replay", "--output-topic", "scored", "--into-live", "--to", gap);
        assertThat(scored("scored", 1497)).hasSize(1497);
        assertThat(TestingCommand.run(careless).exitCode()).isEqualTo(2);
        assertThat(kafka.readToEnd("scored")).hasSize(1497);

        run("replay", "--output-topic", "scored", "--into-live", "--from", gap);
        run("replay", "--output-topic", "again");
        assertThat(scored("scored", good())).isEqualTo(scored("again", good())).hasSize(good());
        assertThat(kafka.readToEnd("scored")).hasSize(good());
        assertThat(kafka.readToEnd("scored.dead-letters")).hasSize(RECORDS / 500);
    }

    /** A candidate is found by its name; one that nobody knows is not taken for the pipeline's. */
    @Test
    void scoresWithAVersionThatTheReleaseLogKnows() throws Exception {
        send();
        Files.writeString(
                pipeline, Files.readString(pipeline) + "releases:\n  topic: fraud-releases\n");
        Path candidate = folder.resolve("candidate.onnx");
        Files.write(candidate, TestModels.mlp(15, 12, 1).content());
        Files.write(folder.resolve("fraud.onnx"), TestModels.mlp(15, 8, 1).content());
        Outcome released =
                TestingCommand.run(
                        "model",
                        "release",
                        "fraud:9",
                        "-p",
                        pipeline.toString(),
                        "--file",
                        candidate.toString(),
                        "--shadow",
                        "--wait",
                        "0");
        assertThat(released.exitCode()).as(released.err()).isZero();

        Outcome outcome = run("replay", "--model", "fraud:9", "--output-topic", "by-name");
        assertThat(outcome.out()).contains("with fraud:9");
        run(
                "replay",
                "--model",
                "fraud:9",
                "--model-file",
                candidate.toString(),
                "--output-topic",
                "by-file");
        assertThat(scored("by-name", good())).isEqualTo(scored("by-file", good())).hasSize(good());

        String[] command = {
            "replay", "--model", "fraud:10", "--output-topic", "x", pipeline.toString()
        };
        Outcome unknown = TestingCommand.run(command);
        assertThat(unknown.exitCode()).isNotZero();
        assertThat(unknown.err()).contains("fraud:10 was never released");
        Files.write(candidate, TestModels.mlp(15, 13, 1).content());
        command[2] = "fraud:9";
        assertThat(TestingCommand.run(command).err()).contains("has SHA-256");
    }

    /** The good records with their positions in fields that the pipeline does not read. */
    private void writeArchive(Path archive) throws IOException {
        Files.createDirectories(archive);
        String fields =
                """
                {"name": "topic", "type": "string"}, {"name": "partition", "type": "int"},
                {"name": "offset", "type": "long"}, {"name": "time", "type": "long"},
                {"name": "id","""
                        .stripTrailing();
        Schema plain = new Schema.Parser().parse(TestingPipeline.SCHEMA);
        String json = TestingPipeline.SCHEMA.replaceFirst("\\{\"name\": \"id\",", fields);
        Files.writeString(folder.resolve("payment.avsc"), json);
        Schema schema = new Schema.Parser().parse(json);
        for (int day = 0; day < 2; day++) {
            try (DataFileWriter<GenericRecord> writer =
                    new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(schema))
                            .create(schema, archive.resolve("day-" + day + ".avro").toFile())) {
                for (int id = day; id < RECORDS; id += 2) {
                    if (poison(id)) {
                        continue;
                    }
                    GenericRecord payment =
                            new GenericDatumReader<GenericRecord>(plain)
                                    .read(
                                            null,
                                            DecoderFactory.get()
                                                    .binaryDecoder(
                                                            TestingPipeline.payment(id), null));
                    GenericRecord record = new GenericData.Record(schema);
                    record.put("topic", "payments");
                    record.put("partition", id % PARTITIONS);
                    record.put("offset", (long) id / PARTITIONS);
                    record.put("time", TIME + id);
                    record.put("id", payment.get("id"));
                    record.put("features", payment.get("features"));
                    writer.append(record);
                }
            }
        }
    }

    private static Map<String, String> scoredFiles(Path folder) throws Exception {
        Map<String, String> values = new TreeMap<>();
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.filter(file -> file.toString().endsWith(".avro")).toList();
        }
        for (Path file : files) {
            try (DataFileReader<GenericRecord> reader =
                    new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
                while (reader.hasNext()) {
                    GenericRecord record = reader.next();
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
                    new GenericDatumWriter<GenericRecord>(record.getSchema())
                            .write(record, encoder);
                    SourcePosition source =
                            ScoredRecordDecoder.decode(bytes.toByteArray()).source();
                    String position =
                            source.topic() + ":" + source.partition() + ":" + source.offset();
                    String value = HexFormat.of().formatHex(bytes.toByteArray());
                    assertThat(values.put(position, value)).as("%s twice", position).isNull();
                }
            }
        }
        return values;
    }
}
