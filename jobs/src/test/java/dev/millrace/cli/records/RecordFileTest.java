package dev.millrace.cli.records;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {
    private static final Schema SCHEMA =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Payment", "fields": [
                              {"name": "id", "type": "string"},
                              {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                              {"name": "amount", "type": "double"},
                              {"name": "mode", "type": {"type": "enum", "name": "Mode", "symbols": ["CHIP", "WEB"]}},
                              {"name": "distance", "type": ["null", "float"]},
                              {"name": "count", "type": "int", "default": 3},
                              {"name": "card", "type": {"type": "record", "name": "Card", "fields": [
                                {"name": "age", "type": "int"}]}}
                            ]}
                            """);

    @TempDir private Path folder;

    /** Records as text, and refusals as {@code !line: reason}. */
    private List<String> read(String name, String content, boolean ignoreUnknown)
            throws IOException, UnreadableFileException {
        Path file = Files.writeString(folder.resolve(name), content);
        return read(file, ignoreUnknown);
    }

    private static List<String> read(Path file, boolean ignoreUnknown)
            throws IOException, UnreadableFileException {
        List<String> read = new ArrayList<>();
        RecordFile.Type type = RecordFile.typeOf(file).orElseThrow();
        try (RecordFile records = RecordFile.open(file, type, SCHEMA, ignoreUnknown)) {
            while (true) {
                try {
                    Optional<GenericRecord> record = records.next();
                    if (record.isEmpty()) {
                        assertThat(records.bytesRead()).isEqualTo(Files.size(file));
                        return read;
                    }
                    read.add(record.get().toString());
                } catch (RefusedRecordException e) {
                    read.add("!" + records.line() + ": " + e.getMessage());
                }
            }
        }
    }

    @Test
    void readsCsvWithQuotesAndNestedFields() throws Exception {
        List<String> records =
                read(
                        "p.csv",
                        "id,amount,mode,card.age,at,distance\r\n"
                                + "\"a,\"\"b\"\"\",1.5,CHIP,3,1970-01-01T00:00:01Z,\n"
                                + "\n"
                                + "\"two\nlines\",2,WEB,4,5,6.5",
                        false);

        assertThat(records)
                .containsExactly(
                        "{\"id\": \"a,\\\"b\\\"\", \"at\": 1000, \"amount\": 1.5, \"mode\": \"CHIP\","
                                + " \"distance\": null, \"count\": 3, \"card\": {\"age\": 3}}",
                        "{\"id\": \"two\\nlines\", \"at\": 5, \"amount\": 2.0, \"mode\": \"WEB\","
                                + " \"distance\": 6.5, \"count\": 3, \"card\": {\"age\": 4}}");
    }

    @Test
    void refusesRowsByTheLineTheyBeginIn() throws Exception {
        List<String> records =
                read(
                        "p.csv",
                        """
                        id,amount,mode,card.age,at
                        "a
                        b",x,CHIP,3,1
                        c,1,CASH,3,1
                        d,1,CHIP
                        """,
                        false);

        assertThat(records)
                .containsExactly(
                        "!2: field amount is \"x\", the schema wants double",
                        "!4: field mode is \"CASH\", the schema wants one of [CHIP, WEB]",
                        "!5: 3 cells for 5 columns");
    }

    @Test
    void refusesATableWithAColumnTheSchemaLacks() {
        assertThatThrownBy(() -> read("p.csv", "id,amuont\n", false))
                .isInstanceOf(UnreadableFileException.class)
                .hasMessage("line 1: the schema has no field 'amuont', did you mean 'amount'?");
    }

    @Test
    void refusesATableWhoseQuoteNeverCloses() {
        assertThatThrownBy(() -> read("p.csv", "id\n\"abc\ndef\n", true))
                .isInstanceOf(UnreadableFileException.class)
                .hasMessage("the quote of line 2 is never closed");
    }

    @Test
    void readsJsonLines() throws Exception {
        List<String> records =
                read(
                        "p.jsonl",
                        """
                        {"id": "a", "at": 1, "amount": 1, "mode": "WEB", "card": {"age": 1}, "count": 9}

                        {"id": "a", "at": 1, "amount": 1, "mode": "WEB", "card": {}}
                        not json
                        {"id": "a", "at": 1, "amount": 1, "mode": "WEB", "card": {"agee": 1}}
                        """,
                        false);

        assertThat(records).hasSize(4);
        assertThat(records.get(0)).contains("\"count\": 9");
        assertThat(records.get(1)).isEqualTo("!3: field card.age is missing");
        assertThat(records.get(2)).startsWith("!4: not JSON");
        assertThat(records.get(3))
                .isEqualTo("!5: the schema has no field card.agee, did you mean age?");
    }

    @Test
    void readsTruthAsSpreadsheetsWriteIt() throws Exception {
        Path file = Files.writeString(folder.resolve("t.csv"), "on\nTRUE\nFalse\n1\n");
        Schema schema =
                new Schema.Parser()
                        .parse(
                                "{\"type\": \"record\", \"name\": \"T\", \"fields\":"
                                        + " [{\"name\": \"on\", \"type\": \"boolean\"}]}");
        try (RecordFile records = RecordFile.open(file, RecordFile.Type.CSV, schema, false)) {
            assertThat(records.next().orElseThrow().get("on")).isEqualTo(true);
            assertThat(records.next().orElseThrow().get("on")).isEqualTo(false);
            assertThat(records.next().orElseThrow().get("on")).isEqualTo(true);
        }
    }

    @Test
    void leavesOutUnknownFieldsWhereAsked() throws Exception {
        assertThat(
                        read(
                                "p.json",
                                "{\"id\": \"a\", \"at\": 1, \"amount\": 1, \"mode\": \"WEB\","
                                        + " \"card\": {\"age\": 1, \"x\": 2}, \"y\": 3}\n",
                                true))
                .singleElement()
                .asString()
                .startsWith("{\"id\"");
    }

    @Test
    void readsAvroContainersByTheirOwnSchema() throws Exception {
        Path file = folder.resolve("p.avro");
        GenericRecord card =
                new GenericRecordBuilder(SCHEMA.getField("card").schema()).set("age", 7).build();
        try (DataFileWriter<GenericRecord> writer =
                new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
            writer.create(SCHEMA, file.toFile());
            writer.append(
                    new GenericRecordBuilder(SCHEMA)
                            .set("id", "a")
                            .set("at", 1L)
                            .set("amount", 2.0)
                            .set(
                                    "mode",
                                    new org.apache.avro.generic.GenericData.EnumSymbol(
                                            SCHEMA.getField("mode").schema(), "WEB"))
                            .set("distance", null)
                            .set("card", card)
                            .build());
        }
        assertThat(read(file, false)).singleElement().asString().contains("\"age\": 7");

        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 25));
        assertThatThrownBy(() -> read(file, false)).hasMessageContaining("breaks off");
        Files.writeString(file, "no container");
        assertThatThrownBy(() -> read(file, false))
                .isInstanceOf(UnreadableFileException.class)
                .hasMessageStartingWith("no Avro container: ")
                .hasMessageNotContaining("null");
    }

    private static String payment(String id, String amount, String distance) {
        return "{\"id\": \"%s\", \"at\": 1, \"amount\": %s, \"mode\": \"WEB\", \"distance\": %s,"
                        .formatted(id, amount, distance)
                + " \"card\": {\"age\": 1}}";
    }

    @Test
    void refusesALineWithMoreThanOneRecordOrAFieldTwice() throws Exception {
        String one = payment("a", "1", "1");
        List<String> records =
                read(
                        "p.jsonl",
                        one
                                + " "
                                + one
                                + "\n{\"id\": 1, \"id\": 2}\n"
                                + one
                                + " x\n{\"id\": 1\n"
                                + one,
                        false);

        assertThat(records).hasSize(5);
        assertThat(records.get(0))
                .isEqualTo(
                        "!1: column %d: another value begins; one record a line", one.length() + 2);
        assertThat(records.get(1)).startsWith("!2: not JSON: column 15: Duplicate field 'id'");
        assertThat(records.get(2)).startsWith("!3: not JSON: column").contains("'x'");
        assertThat(records.get(3))
                .startsWith("!4: not JSON: column")
                .contains("start marker at column 1")
                .doesNotContain("Source");
        assertThat(records.get(4)).startsWith("{\"id\": \"a\"");
    }

    @Test
    void refusesNumbersThatOverflow() throws Exception {
        List<String> lines =
                read(
                        "p.jsonl",
                        payment("a", "1e400", "1")
                                + "\n"
                                + payment("b", "1", "1e39")
                                + "\n"
                                + payment("c", "\"-1e400\"", "1")
                                + "\n"
                                + payment("d", "\"-Infinity\"", "\"NaN\""),
                        false);
        assertThat(lines.subList(0, 3))
                .containsExactly(
                        "!1: field amount is a number beyond the range of a double",
                        "!2: field distance is a number beyond the range of a float",
                        "!3: field amount is a number beyond the range of a double");
        assertThat(lines.get(3)).contains("\"amount\": \"-Infinity\"", "\"distance\": \"NaN\"");

        List<String> rows =
                read("p.csv", "id,amount,mode,card.age,at,distance\na,1e400,WEB,1,1,1\n", false);
        assertThat(rows)
                .containsExactly("!2: field amount is a number beyond the range of a double");
    }

    @Test
    void refusesBytesThatAreNotUtf8AndReadsOn() throws Exception {
        String broken = "!%d: it holds bytes that are not UTF-8; save the file as UTF-8";
        String lines =
                String.join(
                        "\n",
                        payment("a", "1", "1"),
                        payment("M\u00fcller", "1", "1"),
                        payment("b", "1", "1"));
        Path file = folder.resolve("p.jsonl");
        Files.write(file, lines.getBytes(ISO_8859_1));
        List<String> read = read(file, false);
        assertThat(read).hasSize(3);
        assertThat(read.get(1)).isEqualTo(broken, 2);
        assertThat(read.get(2)).startsWith("{\"id\": \"b\"");
        assertThat(
                        read(
                                "p.jsonl",
                                lines + "\n" + payment("\ud83d\ude00\ud800\udc00", "1", "1"),
                                false))
                .hasSize(4)
                .noneMatch(line -> line.startsWith("!"));

        String table =
                "id,amount,mode,card.age,at,distance\nM\u00fcller,1,WEB,1,1,1\nb,1,WEB,1,1,1\n";
        file = folder.resolve("p.csv");
        Files.write(file, table.getBytes(ISO_8859_1));
        read = read(file, false);
        assertThat(read).hasSize(2);
        assertThat(read.get(0)).isEqualTo(broken, 2);
        assertThat(read.get(1)).startsWith("{\"id\": \"b\"");
    }
}
