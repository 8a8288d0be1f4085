package dev.millrace.job.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.runtime.throwable.ThrowableClassifier;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
    private static final ArchiveFields BY_TIME = new ArchiveFields(null, "at", null, null, null);
    private static final TimeRange JANUARY =
            TimeRange.of(
                    Optional.of(Instant.parse("2026-01-01T00:00:00Z")),
                    Optional.of(Instant.parse("2026-02-01T00:00:00Z")));

    @TempDir private Path folder;

    private void write(String name, String... lines) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, List.of(lines));
    }

    @Test
    void aFileIsTakenOnceHoweverItIsWritten() throws IOException {
        write("a.jsonl", "{}");
        Path relative = Path.of("").toAbsolutePath().relativize(folder.resolve("a.jsonl"));
        assertThat(
                        Archive.of(
                                        List.of(
                                                folder + "/a.jsonl",
                                                folder + "/./a.jsonl",
                                                relative.toString(),
                                                "file://" + folder + "/a.jsonl",
                                                folder + "/*.jsonl"))
                                .files())
                .hasSize(1)
                .allMatch(org.apache.flink.core.fs.Path::isAbsolute);
    }

    private List<ConsumerRecord<byte[], byte[]>> read(
            String schema, ArchiveFields fields, TimeRange times) throws IOException {
        Archive archive = Archive.of(List.of(folder.toString()));
        ArchiveFormat format = archive.format(schema, fields, times);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (org.apache.flink.core.fs.Path path : archive.files()) {
            long length = path.getFileSystem().getFileStatus(path).getLen();
            FileSourceSplit split = new FileSourceSplit("0", path, 0, length, 0, length);
            try (BulkFormat.Reader<ConsumerRecord<byte[], byte[]>> reader =
                    format.createReader(new Configuration(), split)) {
                var batch = reader.readBatch();
                while (batch != null) {
                    RecordAndPosition<ConsumerRecord<byte[], byte[]>> next = batch.next();
                    while (next != null) {
                        records.add(next.getRecord());
                        next = batch.next();
                    }
                    batch = reader.readBatch();
                }
            }
        }
        return records;
    }

    private List<String> topics() throws IOException {
        return read("", ArchiveFields.NONE, TimeRange.ALL).stream()
                .map(ConsumerRecord::topic)
                .toList();
    }

    @Test
    void filesOfOneNameAreTopicsByTheirPaths() throws IOException {
        write("days/d1/part-0.jsonl", "{}");
        write("days/d2/part-1.jsonl", "{}");
        assertThat(topics()).containsExactly("part-0.jsonl", "part-1.jsonl");

        write("days/d2/part-0.jsonl", "{}");
        assertThat(topics())
                .containsExactly("d1/part-0.jsonl", "d2/part-0.jsonl", "d2/part-1.jsonl");

        write("days/part-0.jsonl", "{}");
        assertThat(topics())
                .containsExactly(
                        "d1/part-0.jsonl", "d2/part-0.jsonl", "d2/part-1.jsonl", "part-0.jsonl");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1769861696000",
                "1769861696000.0",
                "1.769861696E12",
                "\"1769861696000\"",
                "\"2026-01-31T12:14:56Z\"",
                "\"2026-01-31T14:14:56.000+02:00\""
            })
    void timesAreReadHoweverTheyAreWritten(String time) throws IOException {
        write("p.jsonl", "{\"at\": " + time + "}", "{\"at\": 1769904000000}");

        assertThat(read("", BY_TIME, JANUARY))
                .extracting(ConsumerRecord::timestamp)
                .containsExactly(1_769_861_696_000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"at\": \"yesterday\"} | field 'at', which --timestamp-field names, is 'yesterday'",
                "{\"at\": \"2026-01-31\"} | is '2026-01-31': neither",
                "{\"at\": 1.5} | is '1.5': neither",
                "{\"at\": -1} | is '-1': neither",
                "{\"at\": null} | is null: neither",
                "{\"at\": {}} | is '{}': neither",
                "{\"time\": 1} | there is no field 'at', which --timestamp-field names"
            })
    void aRecordWithoutTheTimeThatWasNamedFailsTheReplay(String line, String message)
            throws IOException {
        write("p.jsonl", "{\"at\": 1769861696000}", "", line);

        assertThatThrownBy(() -> read("", BY_TIME, JANUARY))
                .hasMessageContaining("p.jsonl, line 3: ")
                .hasMessageContaining(message)
                .hasMessageContaining("leave the option out")
                .satisfies(ArchiveTest::isNotTriedAgain);
    }

    private static void isNotTriedAgain(Throwable failure) {
        assertThat(
                        ThrowableClassifier.findThrowableOfThrowableType(
                                failure, ThrowableType.NonRecoverableError))
                .isPresent();
    }

    @Test
    void otherFieldsThatWereNamedAreNeeded() throws IOException {
        write("p.jsonl", "{\"t\": \"\", \"p\": 3000000000, \"o\": \"x\", \"k\": null}");

        assertRefused(new ArchiveFields(null, null, "t", null, null), "--topic-field names, is ''");
        assertRefused(new ArchiveFields(null, null, null, "p", null), "is '3000000000': no whole");
        assertRefused(
                new ArchiveFields(null, null, null, null, "o"), "--offset-field names, is 'x'");
        assertRefused(new ArchiveFields("card", null, null, null, null), "no field 'card'");
        ArchiveFields nullKey = new ArchiveFields("k", null, null, null, null);
        assertThat(read("", nullKey, TimeRange.ALL))
                .first()
                .satisfies(r -> assertThat(r.key()).isNull());
    }

    private void assertRefused(ArchiveFields fields, String message) {
        assertThatThrownBy(() -> read("", fields, TimeRange.ALL)).hasMessageContaining(message);
    }

    @Test
    void whatIsNoObjectIsLeftToThePipeline() throws IOException {
        write("p.jsonl", "{\"at\": 17698", "5");

        assertThat(read("", BY_TIME, JANUARY))
                .extracting(ConsumerRecord::timestamp)
                .containsExactly(ConsumerRecord.NO_TIMESTAMP, ConsumerRecord.NO_TIMESTAMP);
    }

    @Test
    void aFieldThatAnAvroFileLacksIsNotItsDefault() throws IOException {
        Schema written = SchemaBuilder.record("P").fields().requiredLong("id").endRecord();
        try (DataFileWriter<GenericRecord> writer =
                new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(written))
                        .create(written, folder.resolve("p.avro").toFile())) {
            writer.append(new GenericRecordBuilder(written).set("id", 1L).build());
        }
        Schema pipeline =
                SchemaBuilder.record("P")
                        .fields()
                        .requiredLong("id")
                        .optionalLong("at")
                        .endRecord();

        assertThatThrownBy(() -> read(pipeline.toString(), BY_TIME, JANUARY))
                .hasMessageContaining("p.avro")
                .hasMessageContaining("the file has no field 'at', which --timestamp-field names")
                .hasMessageContaining("[id]")
                .satisfies(ArchiveTest::isNotTriedAgain);
        assertThatThrownBy(() -> read(written.toString(), BY_TIME, JANUARY))
                .hasMessageContaining("the pipeline's schema has no field 'at'");
    }
}
