package dev.millrace.cli;

import dev.millrace.cli.records.JsonFaults;
import dev.millrace.cli.records.RecordFile;
import dev.millrace.cli.records.UnreadableFileException;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.config.ValueFormat;
import dev.millrace.job.kafka.BrokerUnavailableException;
import dev.millrace.job.kafka.Topics;
import dev.millrace.schema.Framing;
import dev.millrace.schema.wire.SchemaRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends records of files to a topic, in the format that a pipeline reads. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        header = "Send CSV, JSON lines or Avro files to a topic as a pipeline's records.",
        description = {
            "Each record is held against the schema; what does not fit is refused with file and"
                    + " line, counted, and the others are sent. CSV names its fields in the first"
                    + " row, with dots into nested records. Interrupted or failed, it says how to"
                    + " go on: --skip counts the records that are done.",
            ""
        },
        sortOptions = false)
final class SubmitCommand implements Callable<Integer> {
    private static final String LINGER_MS = "20";
    private static final String BATCH_BYTES = "262144";

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files to send, in this order.")
    private List<Path> files;

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            description = "The topic. Default: the pipeline's first source topic")
    private String topic;

    @Option(
            names = "--create-topic",
            paramLabel = "PARTITIONS",
            description = "Create the topic with so many partitions where it is missing.")
    private Integer partitions;

    @Mixin private KafkaConnection kafka;

    @Option(
            names = "--schema",
            paramLabel = "FILE",
            description = "Avro schema of the records, where there is no pipeline.")
    private Path schemaFile;

    @Option(
            names = "--key",
            paramLabel = "FIELD",
            description = "The field whose text is the record's key. Default: no key")
    private String key;

    @Option(
            names = "--timestamp",
            paramLabel = "FIELD",
            description =
                    "The field that is the record's timestamp, milliseconds since 1970 where its"
                            + " type does not say otherwise. Default: the time it is sent")
    private String timestamp;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "csv, json or avro. Default: what each file's name says")
    private RecordFile.Type type;

    @Option(
            names = "--skip",
            paramLabel = "N",
            description = "Do not send the first N records: they are done already.")
    private long skip;

    @Option(
            names = "--ignore-unknown",
            description = "Leave out fields that the schema lacks instead of refusing the record.")
    private boolean ignoreUnknown;

    @Option(
            names = "--show-refused",
            paramLabel = "N",
            defaultValue = "10",
            description = "Name the first N refused records. Default: ${DEFAULT-VALUE}")
    private long showRefused;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Optional<PipelineConfig> config = kafka.pipeline();
        Schema schema = schema(config);
        ValueFormat format = config.map(c -> c.format().type()).orElse(ValueFormat.AVRO);
        String target =
                Optional.ofNullable(topic)
                        .or(() -> config.map(c -> c.source().topics().get(0)))
                        .orElseThrow(() -> usage("Say where to: --topic or --pipeline"));
        check(partitions == null || partitions > 0, "--create-topic needs at least 1 partition");
        check(skip >= 0, "--skip cannot be negative: " + skip);
        check(showRefused >= 0, "--show-refused cannot be negative: " + showRefused);
        for (String field : new String[] {key, timestamp}) {
            check(
                    field == null || schema.getField(field) != null,
                    "The schema has no field '%s'".formatted(field));
        }
        check(
                timestamp == null || RecordEncoder.isTimestamp(schema.getField(timestamp)),
                () ->
                        "--timestamp needs a field of type long, milliseconds since 1970; '%s' is %s"
                                .formatted(timestamp, schema.getField(timestamp).schema()));
        refuseMissingFiles();
        Map<String, Object> properties = new HashMap<>();
        properties.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MS);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        properties.putAll(connection(config, target));
        RecordEncoder encoder =
                new RecordEncoder(
                        target, format, framing(config, target, schema), schema, key, timestamp);
        StopSignal stop = StopSignal.install();
        PrintWriter err = spec.commandLine().getErr();
        try (KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                properties, new ByteArraySerializer(), new ByteArraySerializer());
                SubmitProgress progress = SubmitProgress.of(files, err)) {
            Submission submission =
                    new Submission(producer, encoder, progress, err, showRefused, skip);
            return submit(submission, progress, schema, stop);
        }
    }

    private Map<String, String> connection(Optional<PipelineConfig> config, String target)
            throws CommandFailedException {
        Map<String, String> connection = kafka.clientProperties(config);
        if (partitions == null) {
            KafkaConnection.requireTopic(
                    connection, target, ", or let --create-topic PARTITIONS do it");
            return connection;
        }
        try {
            Topics.create(connection, target, partitions);
        } catch (BrokerUnavailableException e) {
            throw KafkaConnection.unavailable(connection, e);
        }
        return connection;
    }

    private int submit(
            Submission submission, SubmitProgress progress, Schema schema, StopSignal stop)
            throws CommandFailedException {
        PrintWriter out = spec.commandLine().getOut();
        String failure = "";
        try {
            for (Path file : files) {
                try (RecordFile records =
                        RecordFile.open(file, typeOf(file), schema, ignoreUnknown)) {
                    submission.send(file, records, stop);
                } catch (UnreadableFileException e) {
                    failure = file + ": " + e.getMessage();
                    break;
                } catch (IOException e) {
                    failure = file + ": " + FailurePrinter.describe(e);
                    break;
                }
            }
        } finally {
            submission.finish();
        }
        progress.close();
        out.println(submission.summary());
        out.flush();
        if (!failure.isEmpty()) {
            throw new CommandFailedException(
                    "%s; to go on after mending it: --skip %d"
                            .formatted(failure, submission.done()));
        }
        if (submission.stopped()) {
            throw new CommandFailedException("interrupted; to go on: --skip " + submission.done());
        }
        if (submission.read() < skip) {
            throw new CommandFailedException(
                    "--skip %d, but there are only %d records; nothing was sent"
                            .formatted(skip, submission.read()));
        }
        return submission.refused() > 0 ? 1 : 0;
    }

    private Schema schema(Optional<PipelineConfig> config) throws IOException {
        if (schemaFile != null) {
            return parse(schemaFile);
        }
        PipelineConfig pipeline =
                config.orElseThrow(() -> usage("Which records? --schema or --pipeline says it"));
        Optional<Path> file = pipeline.format().schemaFile();
        if (file.isPresent()) {
            return parse(file.get());
        }
        return pipeline.registry()
                .flatMap(r -> new SchemaRegistry(r).latest(pipeline.format().subject()))
                .orElseThrow(() -> usage("The pipeline has no schema; add --schema"))
                .schema();
    }

    private Schema parse(Path file) throws IOException {
        try {
            return new Schema.Parser().parse(file.toFile());
        } catch (SchemaParseException e) {
            throw usage("%s is not an Avro schema: %s".formatted(file, JsonFaults.describe(e)));
        }
    }

    private static Framing framing(Optional<PipelineConfig> config, String target, Schema schema) {
        if (config.isEmpty()) {
            return Framing.plain();
        }
        PipelineConfig pipeline = config.get();
        return switch (pipeline.format().type()) {
            case AVRO, JSON -> Framing.plain();
            case AVRO_SINGLE_OBJECT -> Framing.singleObject(schema);
            case CONFLUENT ->
                    Framing.confluent(
                            new SchemaRegistry(pipeline.registry().orElseThrow())
                                    .register(SchemaRegistry.subjectOfValues(target), schema));
        };
    }

    private void refuseMissingFiles() {
        for (Path file : files) {
            if (Files.isDirectory(file)) {
                throw usage(file + " is a folder; name the files in it");
            }
            if (!Files.isReadable(file)) {
                throw usage("There is no readable file " + file);
            }
            typeOf(file);
        }
    }

    private RecordFile.Type typeOf(Path file) {
        return Optional.ofNullable(type)
                .or(() -> RecordFile.typeOf(file))
                .orElseThrow(
                        () ->
                                usage(
                                        "The name of %s does not say what it holds; add --type"
                                                .formatted(file)));
    }

    private void check(boolean right, String message) {
        if (!right) {
            throw usage(message);
        }
    }

    private void check(boolean right, Supplier<String> message) {
        if (!right) {
            throw usage(message.get());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
