package dev.millrace.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.cli.TestingCommand;
import dev.millrace.job.TestingKafka;
import dev.millrace.schema.Score;
import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.ScoredRecordDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Users' models through {@code millrace score}, from a topic, and through ONNX Runtime's own
 * interface. Skipped where the models are not on this machine.
 */
class RealModelsIT {
    private static final int ROWS = 300;
    private static final int TOKENS = 12;
    private static final int VOCABULARY = 1656;
    private static final long SEED = 4;

    /** Sums of hundreds of products in another order differ in their last bits. */
    private static final double TOLERANCE = 1e-5;

    private final Random random = new Random(SEED);
    @TempDir private Path folder;

    /**
     * One input of a model.
     *
     * @param shape without the rows
     * @param values the rows, one after another
     */
    private record Input(String name, List<Long> shape, List<Double> values, boolean integers) {
        int width() {
            return values.size() / ROWS;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "alex3ai_fraud.onnx, onnxruntime",
        "alex3ai_fraud.onnx, auto",
        "skl_lr_mnist.onnx, onnxruntime",
        "skl_lr_mnist.onnx, auto",
        "pytorch_cnn_mnist.onnx, onnxruntime",
        "pytorch_cnn_mnist.onnx, auto",
        "tinybert.onnx, onnxruntime",
        "tinybert.onnx, auto",
    })
    void scoresFromATopicAsOnnxRuntimeDoes(String file, String backend) throws Exception {
        Path model = model(file);
        List<Input> inputs = inputs(file);
        try (TestingKafka kafka = new TestingKafka()) {
            kafka.createTopic("inputs", 1);
            kafka.send(values(inputs));
            Path pipeline = pipeline(kafka.bootstrapServers(), model, backend, file);
            TestingCommand.Outcome outcome =
                    TestingCommand.run(
                            "score",
                            "--until-end",
                            "--checkpoint-dir",
                            folder.resolve("checkpoints").toString(),
                            pipeline.toString());
            assertThat(outcome.exitCode()).as(outcome.err()).isZero();

            Map<String, double[]> expected = plain(model, inputs);
            List<ConsumerRecord<byte[], byte[]>> scored = kafka.readToEnd("scored");
            assertThat(scored).hasSize(ROWS);
            double largest = 0;
            for (int row = 0; row < ROWS; row++) {
                ScoredRecord record = ScoredRecordDecoder.decode(scored.get(row).value());
                largest = Math.max(largest, compare(record, expected, row));
            }
            System.out.printf(
                    "%s with %s: largest difference %.1e, %s%n",
                    file,
                    backend,
                    largest,
                    new String(scored.get(0).headers().lastHeader("millrace").value(), UTF_8));
        }
    }

    private static double compare(ScoredRecord record, Map<String, double[]> expected, int row) {
        assertThat(record.source().offset()).isEqualTo(row);
        assertThat(record.scores().keySet()).isEqualTo(expected.keySet());
        double largest = 0;
        for (Map.Entry<String, double[]> output : expected.entrySet()) {
            Score score = record.scores().get(output.getKey());
            int width = output.getValue().length / ROWS;
            assertThat(score.size()).isEqualTo(width);
            for (int i = 0; i < width; i++) {
                double wanted = output.getValue()[row * width + i];
                double difference = Math.abs(score.number(i) - wanted);
                assertThat(difference)
                        .as("%s[%d] of row %d", output.getKey(), i, row)
                        .isLessThanOrEqualTo(TOLERANCE * Math.max(1, Math.abs(wanted)));
                largest = Math.max(largest, difference);
            }
        }
        return largest;
    }

    private List<Input> inputs(String file) {
        return switch (file) {
            case "alex3ai_fraud.onnx" -> List.of(floats("float_input", 50, 30L));
            case "skl_lr_mnist.onnx" -> List.of(floats("float_input", 1, 784L));
            case "pytorch_cnn_mnist.onnx" -> List.of(floats("input_image", 1, 1L, 28L, 28L));
            case "tinybert.onnx" ->
                    List.of(
                            integers("input_ids", VOCABULARY),
                            integers("attention_mask", 1),
                            integers("token_type_ids", 1));
            default -> throw new IllegalArgumentException(file);
        };
    }

    private Input floats(String name, double scale, Long... shape) {
        long width = 1;
        for (long size : shape) {
            width *= size;
        }
        List<Double> values =
                random.doubles(ROWS * width)
                        .mapToObj(v -> (double) (float) ((v - 0.5) * scale))
                        .toList();
        return new Input(name, List.of(shape), values, false);
    }

    private Input integers(String name, int bound) {
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < ROWS * TOKENS; i++) {
            // In the mask each row has a length of its own, as texts have.
            boolean masked = name.equals("attention_mask");
            int value = masked && i % TOKENS <= i / TOKENS % TOKENS ? 1 : 0;
            values.add((double) (masked ? value : random.nextInt(bound)));
        }
        return new Input(name, List.of((long) TOKENS), values, true);
    }

    private Path pipeline(String bootstrapServers, Path model, String backend, String file)
            throws IOException {
        String properties =
                file.equals("tinybert.onnx")
                        ? "  properties: {model.dimension.sequence: \"%d\"}\n".formatted(TOKENS)
                        : "";
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                """
                pipeline:
                  name: real
                kafka:
                  bootstrap-servers: %s
                checkpointing:
                  interval: 200 ms
                source:
                  topics: inputs
                  format: avro
                  schema-file: inputs.avsc
                model:
                  file: %s
                batching:
                  max-batch-size: 64
                sink:
                  topic: scored
                engine:
                  backend: %s
                %s
                """
                        .formatted(bootstrapServers, model, backend, properties));
    }

    /** Avro records whose fields are the model's inputs; writes their schema. */
    private List<ProducerRecord<byte[], byte[]>> values(List<Input> inputs) throws IOException {
        SchemaBuilder.FieldAssembler<Schema> fields = SchemaBuilder.record("Inputs").fields();
        for (Input input : inputs) {
            Schema type = Schema.create(input.integers() ? Schema.Type.LONG : Schema.Type.FLOAT);
            fields.name(input.name()).type(Schema.createArray(type)).noDefault();
        }
        Schema schema = fields.endRecord();
        Files.writeString(folder.resolve("inputs.avsc"), schema.toString());
        GenericDatumWriter<GenericRecord> writer = new GenericDatumWriter<>(schema);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            GenericRecord record = new GenericData.Record(schema);
            for (Input input : inputs) {
                List<Number> array = new ArrayList<>();
                for (int i = 0; i < input.width(); i++) {
                    double value = input.values().get(row * input.width() + i);
                    array.add(input.integers() ? (Number) (long) value : (Number) (float) value);
                }
                record.put(input.name(), array);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
            writer.write(record, encoder);
            encoder.flush();
            records.add(new ProducerRecord<>("inputs", bytes.toByteArray()));
        }
        return records;
    }

    /** All rows at once through ONNX Runtime's own interface; outputs flattened. */
    private static Map<String, double[]> plain(Path model, List<Input> inputs) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        Map<String, double[]> outputs = new LinkedHashMap<>();
        try (OrtSession session = environment.createSession(model.toString())) {
            for (Input input : inputs) {
                tensors.put(input.name(), tensor(environment, input));
            }
            try (OrtSession.Result result = session.run(tensors)) {
                for (Map.Entry<String, OnnxValue> output : result) {
                    List<Double> flat = new ArrayList<>();
                    flatten(output.getValue().getValue(), flat);
                    outputs.put(
                            output.getKey(),
                            flat.stream().mapToDouble(Double::doubleValue).toArray());
                }
            }
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
        return outputs;
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Input input) throws OrtException {
        long[] shape =
                LongStream.concat(
                                LongStream.of(ROWS),
                                input.shape().stream().mapToLong(Long::longValue))
                        .toArray();
        if (input.integers()) {
            LongBuffer longs = LongBuffer.allocate(input.values().size());
            for (double value : input.values()) {
                longs.put((long) value);
            }
            return OnnxTensor.createTensor(environment, longs.flip(), shape);
        }
        FloatBuffer floats = FloatBuffer.allocate(input.values().size());
        for (double value : input.values()) {
            floats.put((float) value);
        }
        return OnnxTensor.createTensor(environment, floats.flip(), shape);
    }

    private static void flatten(Object value, List<Double> into) throws OrtException {
        if (value instanceof Number number) {
            into.add(number.doubleValue());
        } else if (value instanceof List<?> list) {
            for (Object item : list) {
                flatten(item, into);
            }
        } else if (value instanceof OnnxMap map) {
            // A classifier's probabilities by class; the classes here are 0, 1, 2 and so on.
            Map<?, ?> byClass = map.getValue();
            for (long label = 0; label < byClass.size(); label++) {
                flatten(byClass.get(label), into);
            }
        } else {
            for (int i = 0; i < Array.getLength(value); i++) {
                flatten(Array.get(value, i), into);
            }
        }
    }

    static Path model(String file) {
        for (Path parent = Path.of("").toAbsolutePath();
                parent != null;
                parent = parent.getParent()) {
            Path model = parent.resolve("shared").resolve("models").resolve(file);
            if (Files.exists(model)) {
                return model;
            }
        }
        assumeTrue(false, "shared/models/" + file + " is not on this machine");
        throw new AssertionError("unreachable");
    }
}
