package dev.millrace.cli;

import dev.millrace.cli.records.TopicRecord;
import dev.millrace.schema.Contracts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Scored records of a topic or of files, all that are there now. */
abstract class ScoredInput {
    private static final Pattern FILE_NAME =
            Pattern.compile("\\.(avro|parquet|json|jsonl|ndjson)$");
    private static final Pattern EXACTNESS = Pattern.compile("exactness=(\\S+)");

    /** Takes values as they come. */
    interface Values {
        /**
         * Takes one.
         *
         * @param exactness what the record says of its engine; may be empty
         */
        void add(byte[] value, String exactness) throws IOException;
    }

    abstract void readAll(Values values) throws IOException, CommandFailedException;

    /**
     * Refuses what can be neither file nor topic, before a broker is waited for.
     *
     * @param brokersNamed whether there are brokers to look for a topic, other than by default
     */
    static void requirePossible(String name, boolean brokersNamed) throws CommandFailedException {
        if (Files.exists(Path.of(name))) {
            return;
        }
        if (name.contains("/")) {
            throw new CommandFailedException("there is no file or folder " + name);
        }
        if (!brokersNamed && FILE_NAME.matcher(name).find()) {
            throw new CommandFailedException(
                    "there is no file %s; if it is a topic, say where by --bootstrap-servers or --pipeline"
                            .formatted(name));
        }
    }

    /** A file or folder where there is one of this name, else a topic. */
    static ScoredInput of(String name, Map<String, String> kafka) throws CommandFailedException {
        Path path = Path.of(name);
        if (Files.exists(path)) {
            return new FromFiles(path);
        }
        requireTopic(name, kafka);
        return new FromTopic(name, kafka);
    }

    private static void requireTopic(String name, Map<String, String> kafka)
            throws CommandFailedException {
        try {
            KafkaConnection.requireTopic(kafka, name, ", or name a file or folder that is there");
        } catch (CommandFailedException e) {
            throw new CommandFailedException(
                    "there is no file or folder %s; taken for a topic: %s"
                            .formatted(name, e.getMessage()),
                    e);
        }
    }

    private static final class FromFiles extends ScoredInput {
        /** What a replay's shadow scored: a side of its own, with the positions of the others. */
        private static final String SHADOW = "shadow";

        /** One file may hold records of several versions, and none of them says it. */
        private static final String EXACTNESS_OF_FILES = "unknown (files carry none)";

        private final Path path;

        FromFiles(Path path) {
            this.path = path;
        }

        @Override
        void readAll(Values values) throws IOException, CommandFailedException {
            List<Path> files;
            try (Stream<Path> found = Files.walk(path)) {
                files =
                        found.filter(Files::isRegularFile)
                                .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
                                .filter(file -> file.toString().endsWith(".avro"))
                                .filter(file -> !file.startsWith(path.resolve(SHADOW)))
                                .sorted()
                                .toList();
            }
            if (files.isEmpty()) {
                throw new CommandFailedException("there is no .avro file in " + path);
            }
            for (Path file : files) {
                read(file, values);
            }
        }

        private static void read(Path file, Values values)
                throws IOException, CommandFailedException {
            try (DataFileReader<GenericRecord> reader =
                    new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
                if (!reader.getSchema().equals(Contracts.scoredRecord())) {
                    throw new CommandFailedException(
                            "%s holds records of %s and no scored records"
                                    .formatted(file, reader.getSchema().getFullName()));
                }
                GenericDatumWriter<GenericRecord> writer =
                        new GenericDatumWriter<>(Contracts.scoredRecord());
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
                while (reader.hasNext()) {
                    bytes.reset();
                    writer.write(reader.next(), encoder);
                    values.add(bytes.toByteArray(), EXACTNESS_OF_FILES);
                }
            } catch (AvroRuntimeException e) {
                throw new CommandFailedException(
                        "%s is damaged: %s".formatted(file, e.getMessage()), e);
            }
        }
    }

    private static final class FromTopic extends ScoredInput {
        private static final Duration POLL = Duration.ofMillis(250);

        private final String topic;
        private final Map<String, String> kafka;

        FromTopic(String topic, Map<String, String> kafka) {
            this.topic = topic;
            this.kafka = kafka;
        }

        @Override
        void readAll(Values values) throws IOException, CommandFailedException {
            Map<String, Object> properties = new HashMap<>();
            properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
            properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
            properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
            properties.putAll(kafka);
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(
                            properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                List<PartitionInfo> infos = consumer.partitionsFor(topic);
                if (infos == null || infos.isEmpty()) {
                    throw new CommandFailedException(
                            "there is no topic '%s', and no file or folder of that name"
                                    .formatted(topic));
                }
                List<TopicPartition> partitions = new ArrayList<>();
                infos.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                while (ends.keySet().stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        values.add(record.value(), exactness(record));
                    }
                }
            }
        }

        private static String exactness(ConsumerRecord<byte[], byte[]> record) {
            return TopicRecord.provenance(record)
                    .map(EXACTNESS::matcher)
                    .filter(Matcher::find)
                    .map(matcher -> matcher.group(1))
                    .orElse("");
        }
    }
}
