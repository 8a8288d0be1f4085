package dev.millrace.job.replay;

import dev.millrace.job.files.ArchiveFields;
import dev.millrace.job.files.TimeRange;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** What a replay is asked to do: the same on this machine and on a cluster. */
public final class ReplayOptions {
    @Parameters(paramLabel = "PIPELINE", description = "The pipeline's YAML file.")
    Path pipeline;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = InstantConverter.class,
            description =
                    "Begin in each partition at the first record at or after this time, for example"
                            + " 2026-01-31T00:00Z. Default: the oldest record")
    Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = InstantConverter.class,
            description =
                    "Stop in each partition before the first record at or after this time. Default:"
                            + " the records that are there now")
    Instant to;

    @Option(
            names = "--from-offset",
            paramLabel = "TOPIC:PARTITION=OFFSET",
            converter = PartitionConverter.class,
            description = "Begin here in one partition; may be given several times.")
    Map<TopicPartition, Long> fromOffsets = new HashMap<>();

    @Option(
            names = "--to-offset",
            paramLabel = "TOPIC:PARTITION=OFFSET",
            converter = PartitionConverter.class,
            description = "Stop before this offset in one partition; may be given several times.")
    Map<TopicPartition, Long> toOffsets = new HashMap<>();

    @Option(
            names = "--dead-letters",
            paramLabel = "TOPIC",
            description =
                    "Score the dead letters of this topic instead of the pipeline's source, as the"
                            + " records they were: topic, partition and offset kept.")
    String deadLetters;

    @Option(
            names = "--input",
            paramLabel = "PATH",
            description =
                    "Score archived records instead of the pipeline's source: Avro, Parquet or"
                            + " JSON lines, a file, a folder or a pattern; may be given several"
                            + " times.")
    List<String> inputs = new ArrayList<>();

    @Option(
            names = "--key-field",
            paramLabel = "FIELD",
            description = "With --input: the field that is the record's key.")
    String keyField;

    @Option(
            names = "--timestamp-field",
            paramLabel = "FIELD",
            description =
                    "With --input: the field that is its timestamp, milliseconds since 1970 where"
                            + " its type does not say otherwise, or a time such as"
                            + " 2026-01-31T00:00:00Z. --from and --to go by it.")
    String timestampField;

    @Option(
            names = "--topic-field",
            paramLabel = "FIELD",
            description =
                    "With --input: the field that says which topic it was in. Default: the file's"
                            + " name is the topic, or its path where two files have one name")
    String topicField;

    @Option(
            names = "--partition-field",
            paramLabel = "FIELD",
            description = "With --input: the field that says which partition. Default: 0")
    String partitionField;

    @Option(
            names = "--offset-field",
            paramLabel = "FIELD",
            description =
                    "With --input: the field that says which offset. Default: its number in the"
                            + " file")
    String offsetField;

    @Option(
            names = "--output-topic",
            paramLabel = "TOPIC",
            description = "Where scored records go; dead letters go to TOPIC.dead-letters.")
    String outputTopic;

    @Option(
            names = "--output-dir",
            paramLabel = "DIR",
            description = "The same in files: scored records in Avro, dead letters as JSON lines.")
    String outputDirectory;

    @Option(
            names = "--into-live",
            description =
                    "With --output-topic: it is the pipeline's own sink topic, for instance to fill"
                            + " a gap or to bring dead letters back; dead letters and shadow scores"
                            + " go where the live job's go. Nothing that is there is replaced.")
    boolean intoLive;

    /** Which log chooses the version of a record. */
    enum AsOf {
        /** The release log of the pipeline, as it is when the replay starts. */
        LIVE,
        /** None: the pipeline's own model scores everything. */
        NONE
    }

    @Option(
            names = "--as-of",
            paramLabel = "live|none",
            description =
                    "live: each record is scored by the version that the release log chooses for"
                            + " it; none: all by the pipeline's own model. Default: live where the"
                            + " pipeline has a control topic")
    AsOf asOf;

    @Option(
            names = "--model",
            paramLabel = "NAME:VERSION",
            description =
                    "Score everything with this version, found where the release log says it is.")
    String model;

    @Option(
            names = "--model-file",
            paramLabel = "FILE",
            description = "The ONNX file of --model, where it was never released.")
    Path modelFile;

    @Option(
            names = "--rate",
            paramLabel = "N/s",
            converter = RateConverter.class,
            description = "Take no more than N records a second, for example 50000/s.")
    Double rate;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            description = "auto, cpu, cuda or onnxruntime. Default: the pipeline's")
    String engine;

    @Option(
            names = "--max-batch-size",
            paramLabel = "N",
            description = "Records of a micro-batch at most. Default: the pipeline's")
    Integer maxBatchSize;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "Parallel tasks. Default: the pipeline's")
    Integer parallelism;

    /** Records a second, where there is a cap. */
    public Optional<Double> rate() {
        return Optional.ofNullable(rate);
    }

    ArchiveFields fields() {
        return new ArchiveFields(keyField, timestampField, topicField, partitionField, offsetField);
    }

    /** Which records of files. */
    TimeRange times() {
        return TimeRange.of(Optional.ofNullable(from), Optional.ofNullable(to));
    }

    /**
     * Refuses what contradicts itself, before anything is read.
     *
     * @throws WrongUsageException if so
     */
    public void check() {
        checkOutput();
        checkRange();
        checkModel();
        requireAtLeastOne("--parallelism", parallelism);
        requireAtLeastOne("--max-batch-size", maxBatchSize);
    }

    private void checkOutput() {
        if ((outputTopic == null) == (outputDirectory == null)) {
            throw new WrongUsageException(
                    "say where scored records go: either --output-topic or --output-dir");
        }
        if (intoLive && outputTopic == null) {
            throw new WrongUsageException(
                    "--into-live goes with --output-topic and the pipeline's own sink topic");
        }
    }

    private void checkRange() {
        boolean offsets = !fromOffsets.isEmpty() || !toOffsets.isEmpty();
        if (!inputs.isEmpty() && (deadLetters != null || offsets)) {
            throw new WrongUsageException(
                    "--input reads files; it goes with neither --dead-letters nor offsets");
        }
        if (!inputs.isEmpty() && (from != null || to != null) && timestampField == null) {
            throw new WrongUsageException(
                    "--from and --to with --input need --timestamp-field: files do not say when a record was");
        }
        if (inputs.isEmpty() && !fields().equals(ArchiveFields.NONE)) {
            throw new WrongUsageException("--…-field options go with --input");
        }
        if (from != null && to != null && !from.isBefore(to)) {
            throw new WrongUsageException("--from %s is not before --to %s".formatted(from, to));
        }
        fromOffsets.forEach(
                (partition, start) -> {
                    Long end = toOffsets.get(partition);
                    if (end != null && start >= end) {
                        throw new WrongUsageException(
                                "--from-offset %1$s:%2$d=%3$d is not before --to-offset %1$s:%2$d=%4$d"
                                        .formatted(
                                                partition.topic(),
                                                partition.partition(),
                                                start,
                                                end));
                    }
                });
    }

    private void checkModel() {
        if (asOf != null && model != null) {
            throw new WrongUsageException("--model scores everything; it goes without --as-of");
        }
        if (modelFile != null && model == null) {
            throw new WrongUsageException(
                    "--model-file needs --model NAME:VERSION: scored records carry both");
        }
        if (model != null && !model.matches(".+:[^:]+")) {
            throw new WrongUsageException("--model %s is not NAME:VERSION".formatted(model));
        }
    }

    private static void requireAtLeastOne(String option, Integer number) {
        if (number != null && number < 1) {
            throw new WrongUsageException("%s must be at least 1: %d".formatted(option, number));
        }
    }

    /** ISO 8601 with an offset; seconds may be left out. */
    public static final class InstantConverter implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "'%s' is no time such as 2026-01-31T00:00Z".formatted(text));
            }
        }
    }

    /** A topic's partition, {@code TOPIC:PARTITION}. */
    static final class PartitionConverter implements ITypeConverter<TopicPartition> {
        @Override
        public TopicPartition convert(String text) {
            int colon = text.lastIndexOf(':');
            String digits = text.substring(colon + 1);
            if (colon < 1 || !digits.matches("\\d{1,9}")) {
                throw new TypeConversionException(
                        "'%s' is no partition such as payments:0".formatted(text));
            }
            return new TopicPartition(text.substring(0, colon), Integer.parseInt(digits));
        }
    }

    /** Records a second: a number, {@code /s} may follow. */
    static final class RateConverter implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            String number = text.endsWith("/s") ? text.substring(0, text.length() - 2) : text;
            try {
                double rate = Double.parseDouble(number);
                if (rate > 0 && !Double.isInfinite(rate)) {
                    return rate;
                }
            } catch (NumberFormatException e) {
                // Falls through to the message below.
            }
            throw new TypeConversionException("'%s' is no rate such as 50000/s".formatted(text));
        }
    }
}
