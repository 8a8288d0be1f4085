package dev.millrace.job.release;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.schema.GoldenVector;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Rows of made-up inputs with what a model gives for them on this machine. */
public final class GoldenVectors {
    /** How far an engine that is not portable may be from another. */
    static final double TOLERANCE = 1e-4;

    private GoldenVectors() {}

    /**
     * Scores a few rows. With a portable engine the bits must be the same wherever the model is
     * loaded; with another they may differ a little.
     *
     * @throws EngineException if the model cannot be scored here
     */
    public static List<GoldenVector> of(ModelArtifact artifact, EngineOptions asked, int count)
            throws EngineException {
        EngineOptions options =
                new EngineOptions(
                        asked.backend(),
                        1,
                        2,
                        asked.precision(),
                        asked.device(),
                        asked.properties());
        List<GoldenVector> vectors = new ArrayList<>();
        try (Engine engine = Engines.open(artifact, options)) {
            boolean portable = engine.description().exactness() == Exactness.PORTABLE;
            Slot slot = engine.slots().get(0);
            Random random = new Random(artifact.version().sha256().hashCode());
            for (int i = 0; i < count; i++) {
                Map<String, ByteBuffer> inputs = new LinkedHashMap<>();
                List<TensorSpec> specs = engine.signature().inputs();
                for (int input = 0; input < specs.size(); input++) {
                    fill(slot.input(input), specs.get(input), random);
                    inputs.put(specs.get(input).name(), row(slot.input(input), specs.get(input)));
                }
                score(engine, slot);
                Map<String, ByteBuffer> outputs = new LinkedHashMap<>();
                List<TensorSpec> results = engine.signature().outputs();
                for (int output = 0; output < results.size(); output++) {
                    outputs.put(
                            results.get(output).name(),
                            row(slot.output(output), results.get(output)));
                }
                vectors.add(new GoldenVector(inputs, outputs, portable ? 0 : TOLERANCE));
            }
        }
        return vectors;
    }

    private static void fill(ByteBuffer buffer, TensorSpec spec, Random random) {
        for (int element = 0; element < spec.rowElements(); element++) {
            int at = element * spec.type().bytes();
            if (spec.type() == ElementType.FLOAT32) {
                buffer.putFloat(at, (float) random.nextGaussian());
            } else if (spec.type() == ElementType.FLOAT64) {
                buffer.putDouble(at, random.nextGaussian());
            } else {
                // Zero is a number, a category and a flag in every other type.
                for (int i = 0; i < spec.type().bytes(); i++) {
                    buffer.put(at + i, (byte) 0);
                }
            }
        }
    }

    private static ByteBuffer row(ByteBuffer buffer, TensorSpec spec) {
        byte[] bytes = new byte[spec.rowBytes()];
        buffer.get(0, bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void score(Engine engine, Slot slot) throws EngineException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        engine.submit(
                slot,
                1,
                new CompletionListener() {
                    @Override
                    public void onScored(Slot scored) {
                        done.complete(null);
                    }

                    @Override
                    public void onFailed(Slot failed, EngineException failure) {
                        done.completeExceptionally(failure);
                    }
                });
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "it does not score: " + e.getCause().getMessage(),
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Kind.RETRYABLE, "interrupted", e);
        }
    }
}
