package dev.millrace.job;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** The demo's fraud model over records that are nothing but its 15 features. */
public final class TestingPipeline {
    public static final int FEATURES = 15;
    public static final String SCHEMA =
            """
            {"type": "record", "name": "Payment", "fields": [
              {"name": "id", "type": "long"},
              {"name": "features", "type": {"type": "array", "items": "float"}}
            ]}
            """;

    private TestingPipeline() {}

    /** Writes a pipeline with all its files into a folder and returns the pipeline's file. */
    public static Path write(Path folder, String bootstrapServers, String more) {
        String yaml =
                """
                pipeline:
                  name: test
                kafka:
                  bootstrap-servers: %s
                checkpointing:
                  interval: 300 ms
                source:
                  topics: payments
                  format: avro
                  schema-file: payment.avsc
                model:
                  file: fraud.onnx
                  version: "7"
                sink:
                  topic: scored
                """
                        .formatted(bootstrapServers);
        try (InputStream model =
                TestingPipeline.class.getResourceAsStream("/dev/millrace/demo/fraud.onnx")) {
            Files.write(folder.resolve("fraud.onnx"), Objects.requireNonNull(model).readAllBytes());
            Files.writeString(folder.resolve("payment.avsc"), SCHEMA);
            return Files.writeString(folder.resolve("pipeline.yaml"), yaml + more);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The value of a record: its id and features that follow from it. */
    public static byte[] payment(long id) {
        Random random = new Random(id);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        try {
            encoder.writeLong(id);
            encoder.writeArrayStart();
            encoder.setItemCount(FEATURES);
            for (int i = 0; i < FEATURES; i++) {
                encoder.startItem();
                encoder.writeFloat(random.nextFloat() * 100);
            }
            encoder.writeArrayEnd();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
