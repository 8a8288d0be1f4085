package dev.millrace.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.job.kafka.Sources;
import dev.millrace.local.LocalFlink;
import dev.millrace.schema.Contracts;
import dev.millrace.schema.feature.Mutations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged values by the thousand, from topic to topic: each is scored as what another reader makes
 * of it, or is a dead letter with its own bytes.
 */
class MalformedInputIT {
    private static final int VALUES = 10_000;
    private static final Schema SCHEMA = new Schema.Parser().parse(TestingPipeline.SCHEMA);
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    @TempDir private Path folder;
    private TestingKafka kafka;
    private LocalFlink flink;

    @BeforeEach
    void start() {
        kafka = new TestingKafka();
        flink = LocalFlink.start(1, 2, new Configuration());
    }

    @AfterEach
    void stop() {
        flink.close();
        kafka.close();
    }

    @Test
    void scoresDamagedAvroRightOrNotAtAll() throws Exception {
        check("avro", MalformedInputIT::avro, MalformedInputIT::readAvro);
    }

    @Test
    void scoresDamagedJsonRightOrNotAtAll() throws Exception {
        check("json", MalformedInputIT::json, MalformedInputIT::readJson);
    }

    private void check(
            String format,
            Function<Random, byte[]> values,
            Function<byte[], GenericRecord> otherReader)
            throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("Seed " + seed);
        Random random = new Random(seed);
        List<byte[]> damaged =
                IntStream.range(0, VALUES)
                        .mapToObj(i -> Mutations.mutate(values.apply(random), random))
                        .toList();

        Outcome outcome = score("damaged", format, damaged);

        assertThat(outcome.scored().size() + outcome.deadLetters().size())
                .as("scored and dead letters, seed %d", seed)
                .isEqualTo(VALUES);
        assertThat(outcome.scored()).hasSizeGreaterThan(VALUES / 100);
        assertThat(outcome.deadLetters()).hasSizeGreaterThan(VALUES / 10);
        outcome.deadLetters()
                .forEach(
                        (offset, value) ->
                                assertThat(value)
                                        .as("offset %d, seed %d", offset, seed)
                                        .isEqualTo(damaged.get((int) (long) offset)));
        List<Long> offsets = List.copyOf(outcome.scored().keySet());
        Outcome sound =
                score(
                        "sound",
                        "avro",
                        offsets.stream()
                                .map(offset -> damaged.get((int) (long) offset))
                                .map(otherReader)
                                .map(MalformedInputIT::encode)
                                .toList());
        for (int i = 0; i < offsets.size(); i++) {
            assertThat(outcome.scored().get(offsets.get(i)))
                    .as("scores of offset %d, seed %d", offsets.get(i), seed)
                    .isEqualTo(sound.scored().get((long) i));
        }
    }

    /** What came of a topic's records, by offset: scores, or the bytes of a dead letter. */
    private record Outcome(Map<Long, String> scored, Map<Long, byte[]> deadLetters) {}

    private Outcome score(String topic, String format, List<byte[]> values) throws Exception {
        kafka.createTopic(topic, 1);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        values.forEach(value -> records.add(new ProducerRecord<>(topic, value)));
        kafka.send(records);
        Path file = TestingPipeline.write(folder, kafka.bootstrapServers(), "");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("name: test", "name: " + topic)
                        .replace("topics: payments", "topics: " + topic)
                        .replace("format: avro", "format: " + format)
                        .replace("topic: scored", "topic: " + topic + "-scored"));
        PreparedPipeline pipeline = ScoringJob.prepare(file);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        ScoringTopology.build(
                environment, pipeline, Sources.boundedAtLatest(pipeline.config().source()));
        assertThat(flink.result(flink.submit(environment)).get().isSuccess()).isTrue();

        Map<Long, String> scored = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.readToEnd(topic + "-scored")) {
            GenericRecord value = read(Contracts.scoredRecord(), record.value());
            long offset = (Long) ((GenericRecord) value.get("source")).get("offset");
            assertThat(scored.put(offset, value.get("scores").toString())).isNull();
        }
        Map<Long, byte[]> letters = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> letter :
                kafka.readToEnd(topic + "-scored.dead-letters")) {
            byte[] offset = letter.headers().lastHeader(DeadLetterHeaders.OFFSET).value();
            assertThat(letters.put(Long.parseLong(new String(offset, UTF_8)), letter.value()))
                    .isNull();
        }
        return new Outcome(scored, letters);
    }

    private static byte[] avro(Random random) {
        return TestingPipeline.payment(random.nextInt(1000));
    }

    private static byte[] json(Random random) {
        GenericRecord record = readAvro(avro(random));
        return "{\"id\": %s, \"features\": %s}"
                .formatted(record.get("id"), record.get("features"))
                .getBytes(UTF_8);
    }

    private static GenericRecord readAvro(byte[] value) {
        return read(SCHEMA, value);
    }

    private static GenericRecord read(Schema schema, byte[] value) {
        try {
            return new GenericDatumReader<GenericRecord>(schema)
                    .read(null, DecoderFactory.get().binaryDecoder(value, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GenericRecord readJson(byte[] value) {
        try {
            JsonNode tree = JSON.readTree(new String(value, UTF_8));
            GenericRecord record = new GenericData.Record(SCHEMA);
            record.put("id", tree.get("id") == null ? 0 : tree.get("id").asLong());
            List<Float> features = new ArrayList<>();
            tree.get("features").forEach(node -> features.add(node.decimalValue().floatValue()));
            record.put("features", features);
            return record;
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] encode(GenericRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        try {
            new GenericDatumWriter<GenericRecord>(SCHEMA).write(record, encoder);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
