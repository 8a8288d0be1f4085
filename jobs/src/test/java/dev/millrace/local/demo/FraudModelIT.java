package dev.millrace.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.testing.Submission;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

class FraudModelIT {
    private static final String MODEL = "/dev/millrace/demo/fraud.onnx";
    private static final long UNSEEN_SEED = 4;
    private static final int CAPACITY = 512;

    @Test
    void isWhatTheTrainerMakesOfTheTransactions() throws Exception {
        byte[] trained = FraudModelTrainer.train(schema());
        Path copy = Path.of("target", "fraud.onnx");
        Files.write(copy, trained);
        assertThat(Arrays.equals(trained, resource(MODEL)))
                .as(
                        "the shipped model is the trained one; if transactions or trainer changed on"
                                + " purpose, copy %s over src/main/resources%s",
                        copy, MODEL)
                .isTrue();
    }

    @Test
    void tellsTheftsFromPurchasesItHasNotSeen() throws Exception {
        Transactions transactions = new Transactions(UNSEEN_SEED);
        ModelArtifact model = new ModelArtifact("fraud", "1", resource(MODEL), MODEL);
        try (Engine engine =
                Engines.open(model, EngineOptions.of(EngineOptions.AUTO, CAPACITY, 2))) {
            int caught = 0;
            int thefts = 0;
            int alarms = 0;
            int purchases = 0;
            Slot slot = engine.slots().get(0);
            for (int batch = 0; batch < 200; batch++) {
                int first = batch * CAPACITY;
                score(engine, slot, transactions, first);
                for (int row = 0; row < CAPACITY; row++) {
                    float probability = slot.output(0).getFloat(row * Float.BYTES);
                    assertThat(probability).isBetween(0f, 1f);
                    boolean alarm = probability > 0.5f;
                    boolean theft = transactions.isTheft(first + row);
                    thefts += theft ? 1 : 0;
                    purchases += theft ? 0 : 1;
                    caught += theft && alarm ? 1 : 0;
                    alarms += !theft && alarm ? 1 : 0;
                }
            }
            System.out.printf(
                    "caught %d of %d thefts, %d false alarms in %d, %s%n",
                    caught, thefts, alarms, purchases, engine.description());
            assertThat(thefts).isGreaterThan(100);
            assertThat(caught / (double) thefts).as("recall").isGreaterThan(0.8);
            assertThat(alarms / (double) purchases).as("false alarms").isLessThan(0.002);
        }
    }

    private static void score(Engine engine, Slot slot, Transactions transactions, int first)
            throws Exception {
        GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(schema());
        ByteBuffer input = slot.input(0);
        for (int row = 0; row < CAPACITY; row++) {
            byte[] bytes = transactions.encode(first + row);
            float[] features =
                    FraudFeatures.of(
                            reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null)));
            for (int column = 0; column < features.length; column++) {
                input.putFloat((row * features.length + column) * Float.BYTES, features[column]);
            }
        }
        Submission.of(engine, slot, CAPACITY).awaitScored();
    }

    private static Schema schema() throws Exception {
        return new Schema.Parser()
                .parse(
                        new String(
                                resource("/dev/millrace/demo/transaction.avsc"),
                                java.nio.charset.StandardCharsets.UTF_8));
    }

    private static byte[] resource(String name) throws Exception {
        try (InputStream stream = FraudModelIT.class.getResourceAsStream(name)) {
            assertThat(stream).as(name).isNotNull();
            return stream.readAllBytes();
        }
    }
}
