package dev.millrace.bench;

import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.testing.TestModels;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import dev.millrace.schema.feature.Feature;
import dev.millrace.schema.feature.FeatureSpec;
import dev.millrace.schema.feature.TensorFeatures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** The two kinds of records that everything is measured with. */
public enum Workload {
    /** A transaction: 30 float fields, a perceptron 30-64-32-1. */
    FIELDS(30, 64, 32, 1),
    /** An image: an array of 784 floats, a perceptron 784-32-32-10. */
    IMAGES(784, 32, 32, 10);

    private static final long SEED = 42;

    private final int features;
    private final int firstHidden;
    private final int secondHidden;
    private final int scores;

    Workload(int features, int firstHidden, int secondHidden, int scores) {
        this.features = features;
        this.firstHidden = firstHidden;
        this.secondHidden = secondHidden;
        this.scores = scores;
    }

    public int features() {
        return features;
    }

    public int scores() {
        return scores;
    }

    public ModelArtifact model() {
        return TestModels.mlp(features, firstHidden, secondHidden, scores);
    }

    /** The topic that holds its records. */
    public String inputTopic() {
        return "in-" + name().toLowerCase(Locale.ROOT);
    }

    /** The records' schema. */
    public Schema schema() {
        SchemaBuilder.FieldAssembler<Schema> fields =
                SchemaBuilder.record("Measurement").namespace("dev.millrace.bench").fields();
        if (this == IMAGES) {
            return fields.name("pixels")
                    .type(Schema.createArray(Schema.create(Schema.Type.FLOAT)))
                    .noDefault()
                    .endRecord();
        }
        for (int i = 0; i < features; i++) {
            fields = fields.requiredFloat("f" + i);
        }
        return fields.endRecord();
    }

    /** The features of the model's only input. */
    public FeatureSpec featureSpec() {
        List<Feature> list =
                this == IMAGES
                        ? List.of(Feature.of("pixels").withElements(features))
                        : IntStream.range(0, features).mapToObj(i -> Feature.of("f" + i)).toList();
        TensorLayout layout = new TensorLayout("features", TensorType.FLOAT32, List.of(features));
        return new FeatureSpec(List.of(new TensorFeatures(layout, list)));
    }

    /** Encoded records, the same every time. */
    public List<byte[]> records(int count) {
        Random random = new Random(SEED);
        List<byte[]> records = new ArrayList<>();
        for (int record = 0; record < count; record++) {
            records.add(encode(random));
        }
        return records;
    }

    private byte[] encode(Random random) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        try {
            if (this == IMAGES) {
                encoder.writeArrayStart();
                encoder.setItemCount(features);
            }
            for (int i = 0; i < features; i++) {
                encoder.writeFloat((float) random.nextGaussian());
            }
            if (this == IMAGES) {
                encoder.writeArrayEnd();
            }
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
