package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.compare.TestingScores;
import dev.millrace.schema.Contracts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of files; {@link ReplayCommandIT} compares topics. */
class DiffCommandTest {
    private static final int RECORDS = 1000;

    @TempDir private Path folder;

    /** A file of scored records in a folder that is made for it. */
    private String write(String name, List<byte[]> records) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        try (DataFileWriter<GenericRecord> writer =
                new DataFileWriter<GenericRecord>(
                                new GenericDatumWriter<>(Contracts.scoredRecord()))
                        .create(Contracts.scoredRecord(), file.toFile())) {
            for (byte[] record : records) {
                writer.appendEncoded(ByteBuffer.wrap(record));
            }
        }
        return file.getParent().toString();
    }

    private static List<byte[]> scores(float score) {
        TestingScores scores = new TestingScores("8");
        List<byte[]> records = new ArrayList<>();
        for (int offset = 0; offset < RECORDS; offset++) {
            records.add(scores.record(0, offset, score));
        }
        return records;
    }

    private static Outcome diff(String left, String right, String... more) {
        List<String> all = new ArrayList<>(List.of("diff", "--left", left, "--right", right));
        all.addAll(List.of(more));
        return TestingCommand.run(all.toArray(String[]::new));
    }

    @Test
    void aFileThatIsMissingIsNamedAtOnce() throws IOException {
        String there = write("there/scored-1.avro", scores(1));
        for (String missing : List.of("missing.avro", "missing.jsonl")) {
            Outcome outcome = diff(there, missing);
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.err())
                    .contains("there is no file " + missing)
                    .contains("--bootstrap-servers or --pipeline")
                    .doesNotContain("localhost:9092");
        }
        Outcome folders = diff("not/there", there, "--bootstrap-servers", "localhost:1");
        assertThat(folders.exitCode()).isEqualTo(1);
        assertThat(folders.err()).contains("there is no file or folder not/there");
    }

    @Test
    void contradictionsOfOneSideAreDifferences() throws IOException {
        String once = write("once/scored-1.avro", scores(1));
        write("twice/scored-1.avro", scores(1));
        String twice = write("twice/scored-2.avro", scores(0.5f));

        assertThat(diff(once, once, "--max-differences", "0").exitCode()).isZero();
        // Whichever of the two is taken: a position that has both gives no answer.
        Outcome outcome = diff(twice, twice, "--max-differences", "0");
        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.err()).contains("2,000 differences are more than --max-differences 0");
    }

    @Test
    void aShadowIsASideOfItsOwn() throws IOException {
        String live = write("live/scored-1.avro", scores(1));
        write("replayed/shadow/scored-1.avro", scores(0.5f));
        String replayed = write("replayed/scored-1.avro", scores(1));

        Outcome outcome = diff(live, replayed, "--max-differences", "0");
        assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
        assertThat(outcome.out())
                .contains("1,000 with equal bits, 0 different")
                .contains("exactness left {unknown (files carry none)=1000}, right {unknown");
        Outcome shadow = diff(live, replayed + "/shadow");
        assertThat(shadow.out()).contains("0 with equal bits, 1,000 different");
    }

    @Test
    void timesLeaveOutTheRestOfHistory() throws IOException {
        String live = write("live/scored-1.avro", scores(1));
        String part = write("part/scored-1.avro", scores(1).subList(300, 400));
        String from = Instant.ofEpochMilli(TestingScores.TIME + 300).toString();
        String to = Instant.ofEpochMilli(TestingScores.TIME + 400).toString();

        assertThat(diff(live, part, "--max-differences", "0").exitCode()).isEqualTo(3);
        Outcome table = diff(live, part, "--from", from, "--to", to, "--max-differences", "0");
        assertThat(table.exitCode()).as(table.out() + table.err()).isZero();
        assertThat(table.out())
                .contains("100 records on both sides: 100 with equal bits, 0 different")
                .containsPattern("left out by their time +900 +0");
        Outcome json = diff(live, part, "--from", from, "--output", "json");
        assertThat(json.out()).contains("\"outOfRange\":300", "\"alone\":600");

        Outcome nothing = diff(live, part, "--from", "2030-01-01T00:00Z", "--max-differences", "0");
        assertThat(nothing.exitCode()).isEqualTo(1);
        assertThat(nothing.err()).contains("within --from and --to; 1,000 are out of that time");
        assertThat(diff(live, part, "--from", to, "--to", from).exitCode()).isEqualTo(2);
    }

    @Test
    void refusesANameThatNoRecordHasToBreakDownBy() throws IOException {
        String side = write("side/scored-1.avro", scores(1));

        Outcome wrong = diff(side, side, "--by", "modle");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err())
                .contains(
                        "has 'modle'", "topic, partition, model, precision and the scores [fraud]");
        assertThat(diff(side, side, "--by", "model").out()).containsPattern("fraud:8 +1,000");
        assertThat(diff(side, side, "--by", "fraud").exitCode()).isZero();
    }

    @Test
    void refusesBeforeReadingWhatCannotBe() throws IOException {
        String side = write("side/scored-1.avro", scores(1));

        assertThat(diff(side, side, "--max-differences", "-1").exitCode()).isEqualTo(2);
        Path page = folder.resolve("nowhere/report.html");
        Outcome outcome = diff(side, side, "--report", page.toString());
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("there is no folder " + page.getParent());
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void saysWhichFileIsMissingAndWhichBrokerAway() throws IOException {
        String side = write("side/scored-1.avro", scores(1));

        assertThat(diff(side, folder.resolve("nope.avro").toString()).err())
                .contains("there is no file or folder " + folder.resolve("nope.avro"));
        Outcome file = diff(side, "nope.avro", "--bootstrap-servers", "localhost:1");
        assertThat(file.exitCode()).isEqualTo(1);
        assertThat(file.err())
                .contains("there is no file or folder nope.avro", "no answer from localhost:1");
    }

    @Test
    void aSideWithoutScoredRecordsKeepsNoLimit() throws IOException {
        String none = write("none/scored-1.avro", List.of());
        String some = write("some/scored-1.avro", scores(1));

        Outcome limited = diff(some, none, "--max-differences", "5000");
        assertThat(limited.exitCode()).isEqualTo(1);
        assertThat(limited.err())
                .contains("of 0 records looked at in '" + none + "', the right side, none is a");
        Outcome asked = diff(none, none);
        assertThat(asked.exitCode()).isZero();
        assertThat(asked.err()).contains("the left side", "the right side");
    }
}
