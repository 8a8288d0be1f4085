package dev.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.cuda.StandinDriver;
import dev.millrace.gpu.testing.TestModels;
import dev.millrace.job.TestingKafka;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One topic through {@code millrace score}, by engine {@code cpu} and by engine {@code cuda} on the
 * stand-in driver, in micro-batches of several sizes: what comes out is the same, byte for byte.
 * The property {@code millrace.same-bytes.records} says of how many records.
 */
class SameBytesIT {
    private static final int USUAL = 20_000;
    private static final int RECORDS = Integer.getInteger("millrace.same-bytes.records", USUAL);
    private static final int CHUNK = 10_000;
    private static final int PARTITIONS = 2;
    private static final int[] SIZES = {1, 7, 256, 4096};

    /** For all models but the demo's, unless more records than usual are asked for. */
    private static final int[] FEWER_SIZES = {7, 4096};

    private static final String INPUT = "inputs";
    private static final long PATIENCE_SECONDS = 300L + RECORDS / 500;

    /** Rare in real data, and where implementations differ. */
    private static final float[] ODD = {
        Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 1e-42f, -3e38f, 0f
    };

    @TempDir private Path folder;
    private TestingKafka kafka;

    /** What is scored. */
    enum Model {
        /** The demo's: trees and a few operations around them. */
        DEMO("features", 15) {
            @Override
            byte[] content() throws IOException {
                String name = "/dev/millrace/demo/fraud.onnx";
                try (InputStream model = SameBytesIT.class.getResourceAsStream(name)) {
                    return Objects.requireNonNull(model).readAllBytes();
                }
            }
        },
        /** A user's ensemble with labels, probabilities and a ZipMap. */
        TREES("float_input", 30) {
            @Override
            byte[] content() throws IOException {
                return Files.readAllBytes(RealModelsIT.model("alex3ai_fraud.onnx"));
            }
        },
        /** Sums of products and a logistic function. */
        PERCEPTRON("features", 30) {
            @Override
            byte[] content() {
                return TestModels.mlp(30, 64, 32, 1).content();
            }
        };

        private final String input;
        private final int features;

        Model(String input, int features) {
            this.input = input;
            this.features = features;
        }

        abstract byte[] content() throws IOException;
    }

    @BeforeEach
    void start() throws Exception {
        kafka = new TestingKafka();
        kafka.createTopic(INPUT, PARTITIONS);
    }

    @AfterEach
    void stop() {
        kafka.close();
    }

    @ParameterizedTest
    @EnumSource(Model.class)
    void bothEnginesWriteTheSameBytesWhateverTheSizeOfMicroBatches(Model model) throws Exception {
        int[] sizes = model == Model.DEMO || RECORDS > USUAL ? SIZES : FEWER_SIZES;
        Files.write(folder.resolve("model.onnx"), model.content());
        send(model);
        List<Path> cpu = new ArrayList<>();
        List<Path> cuda = new ArrayList<>();
        for (int size : sizes) {
            cpu.add(pipeline("cpu", size, ""));
            cuda.add(pipeline("cuda", size, ""));
        }
        try (ScoringProcess onDevice = onStandin(cuda, Map.of());
                ScoringProcess onCpu = onCpu(cpu)) {
            onCpu.await(PATIENCE_SECONDS);
            onDevice.await(PATIENCE_SECONDS);
        }
        TopicBytes expected = scored("cpu", sizes[0]);
        assertThat(expected.records()).isEqualTo(RECORDS);
        for (int size : sizes) {
            for (String engine : List.of("cpu", "cuda")) {
                TopicBytes actual = scored(engine, size);
                assertThat(actual.headers())
                        .containsExactly("engine=" + engine + " exactness=portable");
                requireSame(actual, expected, "%s, %s, %d".formatted(model, engine, size));
            }
        }
        System.out.printf(
                "%s: %d records, SHA-256 %s, from both engines at every size%n",
                model, RECORDS, expected.sha256());
    }

    @Test
    void losingTheDeviceInTheMiddleChangesNoByte() throws Exception {
        Model model = Model.DEMO;
        Files.write(folder.resolve("model.onnx"), model.content());
        send(model);
        // One of several launches; the demo's model is one or two kernels per micro-batch.
        Map<String, String> lost = Map.of("STANDIN_FAULTS", "fatal@20=700");
        try (ScoringProcess onCpu = onCpu(List.of(pipeline("cpu", 256, "")));
                ScoringProcess onDevice = onStandin(List.of(pipeline("cuda", 256, "lost")), lost)) {
            onCpu.await(PATIENCE_SECONDS);
            onDevice.await(PATIENCE_SECONDS);
        }
        TopicBytes actual = scored("cudalost", 256);
        assertThat(actual.headers())
                .containsExactly("engine=cpu exactness=portable", "engine=cuda exactness=portable");
        requireSame(actual, scored("cpu", 256), "lost in the middle");
    }

    private static void requireSame(TopicBytes actual, TopicBytes expected, String name) {
        assertThat(actual.firstDifference(expected))
                .as("%s: first record that differs", name)
                .isEqualTo(-1);
        assertThat(actual.sha256()).as(name).isEqualTo(expected.sha256());
    }

    private TopicBytes scored(String engine, int size) {
        return TopicBytes.read(kafka.bootstrapServers(), "scored-" + engine + "-" + size);
    }

    private ScoringProcess onCpu(List<Path> pipelines) throws IOException {
        return new ScoringProcess(
                List.of("--add-modules=jdk.incubator.vector"),
                Map.of(),
                pipelines,
                folder.resolve("cpu.log"));
    }

    private ScoringProcess onStandin(List<Path> pipelines, Map<String, String> environment)
            throws IOException {
        return new ScoringProcess(
                List.of("-Dmillrace.cuda.library-path=" + StandinDriver.install()),
                environment,
                pipelines,
                folder.resolve("cuda.log"));
    }

    private Path pipeline(String engine, int size, String mark) throws IOException {
        String topic = "scored-%s%s-%d".formatted(engine, mark, size);
        return Files.writeString(
                folder.resolve(topic + ".yaml"),
                """
                pipeline:
                  name: same-bytes
                kafka:
                  bootstrap-servers: %s
                checkpointing:
                  interval: 500 ms
                source:
                  topics: %s
                  group-id: %s
                  format: avro
                  schema-file: inputs.avsc
                model:
                  file: model.onnx
                batching:
                  max-batch-size: %d
                engine:
                  backend: %s
                sink:
                  topic: %s
                  transactional-id-prefix: %s
                """
                        .formatted(
                                kafka.bootstrapServers(),
                                INPUT,
                                topic,
                                size,
                                engine,
                                topic,
                                topic));
    }

    /** The same records for every run, ordinary and odd. */
    private void send(Model model) throws Exception {
        Files.writeString(
                folder.resolve("inputs.avsc"),
                """
                {"type": "record", "name": "Inputs", "fields": [
                  {"name": "%s", "type": {"type": "array", "items": "float"}}
                ]}
                """
                        .formatted(model.input));
        Random random = new Random(11);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int number = 0; number < RECORDS; number++) {
            byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
            byte[] value = value(random, model.features);
            records.add(
                    new ProducerRecord<>(
                            INPUT, number % PARTITIONS, 1_700_000_000_000L + number, key, value));
            if (records.size() == CHUNK || number == RECORDS - 1) {
                kafka.send(records);
                records.clear();
            }
        }
    }

    private static byte[] value(Random random, int features) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeArrayStart();
        encoder.setItemCount(features);
        for (int i = 0; i < features; i++) {
            encoder.startItem();
            boolean odd = random.nextInt(50) == 0;
            encoder.writeFloat(
                    odd
                            ? ODD[random.nextInt(ODD.length)]
                            : (float) (random.nextGaussian() * (random.nextInt(8) + 1)));
        }
        encoder.writeArrayEnd();
        return bytes.toByteArray();
    }
}
