package dev.millrace.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.example.OwnStreamExample.Payment;
import dev.millrace.example.OwnStreamExample.Verdict;
import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Slot;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnStreamExampleIT {
    private static final int FEATURES = 15;
    private static final int PAYMENTS = 5000;

    @TempDir private Path folder;
    private Path model;

    @BeforeEach
    void copyModel() throws Exception {
        model = folder.resolve("fraud.onnx");
        try (InputStream shipped =
                getClass().getResourceAsStream("/dev/millrace/demo/fraud.onnx")) {
            Files.copy(shipped, model);
        }
    }

    @Test
    void scoresAStreamAsTheEngineByItselfDoes() throws Exception {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setParallelism(1);
        List<Payment> payments = payments();
        DataStream<Payment> stream =
                environment.fromData(payments, TypeInformation.of(Payment.class));

        List<Verdict> verdicts = collect(OwnStreamExample.score(stream, model));

        assertThat(verdicts).hasSize(PAYMENTS);
        try (Engine engine =
                Engines.open(
                        ModelArtifact.read("fraud", "1", model),
                        EngineOptions.of(EngineOptions.AUTO, PAYMENTS, 1))) {
            Slot slot = score(engine, payments);
            for (int row = 0; row < PAYMENTS; row++) {
                assertThat(verdicts.get(row).id()).isEqualTo(payments.get(row).id());
                float alone = slot.output(0).getFloat(row * Float.BYTES);
                assertThat(verdicts.get(row).fraud()).isCloseTo(alone, within(1e-6f));
            }
        }
    }

    private static List<Payment> payments() {
        Random random = new Random(11);
        List<Payment> payments = new ArrayList<>();
        for (int number = 0; number < PAYMENTS; number++) {
            float[] features = new float[FEATURES];
            for (int i = 0; i < FEATURES; i++) {
                features[i] = 100 * random.nextFloat();
            }
            payments.add(new Payment("payment-" + number, features));
        }
        return payments;
    }

    private static Slot score(Engine engine, List<Payment> payments) throws Exception {
        Slot slot = engine.slots().get(0);
        for (int row = 0; row < payments.size(); row++) {
            slot.input(0).asFloatBuffer().put(row * FEATURES, payments.get(row).features());
        }
        CompletableFuture<Slot> scored = new CompletableFuture<>();
        engine.submit(
                slot,
                payments.size(),
                new CompletionListener() {
                    @Override
                    public void onScored(Slot done) {
                        scored.complete(done);
                    }

                    @Override
                    public void onFailed(Slot done, EngineException cause) {
                        scored.completeExceptionally(cause);
                    }
                });
        return scored.get();
    }

    private static <T> List<T> collect(DataStream<T> stream) throws Exception {
        List<T> all = new ArrayList<>();
        CloseableIterator<T> results = stream.executeAndCollect();
        try {
            results.forEachRemaining(all::add);
        } finally {
            results.close();
        }
        return all;
    }
}
