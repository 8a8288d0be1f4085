package dev.millrace.job.release;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.schema.GoldenVector;
import dev.millrace.schema.ModelRelease;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Fetches a released model, holds it against what its release says and opens an engine that has
 * scored once and given the golden vectors' outputs. Any thread; takes as long as it takes.
 */
public final class ReleaseLoader {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private ReleaseLoader() {}

    /** A release cannot serve; the message says why. */
    public static final class UnfitException extends Exception {
        UnfitException(String message) {
            super(message);
        }

        UnfitException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Fetches an artifact from a file, an HTTP(S) address or any file system that Flink knows.
     *
     * @throws IOException if it cannot be reached
     */
    public static byte[] fetch(URI address) throws IOException {
        return fetch(address, true);
    }

    /**
     * The same.
     *
     * @param redirect whether an HTTP answer may send the reader elsewhere
     */
    static byte[] fetch(URI address, boolean redirect) throws IOException {
        String scheme = address.getScheme();
        if (!"http".equals(scheme) && !"https".equals(scheme)) {
            Path path = new Path(address);
            FileSystem system = path.getFileSystem();
            try (InputStream in = system.open(path)) {
                return in.readAllBytes();
            }
        }
        HttpRequest request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
        HttpClient client =
                HttpClient.newBuilder()
                        .connectTimeout(PATIENCE)
                        .followRedirects(
                                redirect ? HttpClient.Redirect.NORMAL : HttpClient.Redirect.NEVER)
                        .build();
        try {
            HttpResponse<byte[]> response =
                    client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                throw new IOException("HTTP status %d".formatted(response.statusCode()));
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * Fetches what a release names.
     *
     * @throws IOException if it cannot be reached
     * @throws UnfitException if its SHA-256 is another
     */
    public static ModelArtifact artifact(ModelRelease release) throws IOException, UnfitException {
        try {
            return artifact(release, fetch(release.artifact()));
        } catch (IOException e) {
            throw new IOException(
                    "the artifact at %s cannot be fetched: %s"
                            .formatted(release.artifact(), e.getMessage()),
                    e);
        }
    }

    /**
     * Holds a fetched artifact against its release.
     *
     * @throws UnfitException if its SHA-256 is another
     */
    static ModelArtifact artifact(ModelRelease release, byte[] content) throws UnfitException {
        ModelArtifact artifact =
                new ModelArtifact(
                        release.model().name(),
                        release.model().version(),
                        content,
                        release.artifact().toString());
        if (!artifact.version().sha256().equals(release.model().sha256())) {
            throw new UnfitException(
                    "the artifact at %s has SHA-256 %s, the release says %s"
                            .formatted(
                                    release.artifact(),
                                    artifact.version().sha256(),
                                    release.model().sha256()));
        }
        return artifact;
    }

    /**
     * Opens, warms up and checks.
     *
     * @param serving what the pipeline's features and outputs are planned for
     * @throws UnfitException if the version cannot serve in this pipeline
     */
    static Engine open(
            ModelRelease release,
            ModelArtifact artifact,
            EngineOptions options,
            ModelSignature serving)
            throws UnfitException {
        Engine engine;
        try {
            engine = Engines.open(artifact, options);
        } catch (EngineException e) {
            throw new UnfitException(e.getMessage(), e);
        }
        try {
            if (!engine.signature().equals(serving)) {
                throw new UnfitException(
                        "it takes %s and gives %s; the pipeline has %s and %s"
                                .formatted(
                                        engine.signature().inputs(),
                                        engine.signature().outputs(),
                                        serving.inputs(),
                                        serving.outputs()));
            }
            warmUp(engine);
            for (int i = 0; i < release.goldenVectors().size(); i++) {
                check(engine, i, release.goldenVectors().get(i));
            }
            return engine;
        } catch (UnfitException | RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    private static void warmUp(Engine engine) throws UnfitException {
        Slot slot = engine.slots().get(0);
        for (int input = 0; input < engine.signature().inputs().size(); input++) {
            int bytes = engine.signature().inputs().get(input).rowBytes();
            for (int i = 0; i < bytes; i++) {
                slot.input(input).put(i, (byte) 0);
            }
        }
        score(engine, slot);
    }

    private static void check(Engine engine, int number, GoldenVector vector)
            throws UnfitException {
        Slot slot = engine.slots().get(0);
        List<TensorSpec> inputs = engine.signature().inputs();
        for (int input = 0; input < inputs.size(); input++) {
            ByteBuffer row = vector.inputs().get(inputs.get(input).name());
            if (row == null || row.remaining() != inputs.get(input).rowBytes()) {
                throw new UnfitException(
                        "golden vector %d has no row for input '%s'"
                                .formatted(number, inputs.get(input).name()));
            }
            for (int i = 0; i < row.remaining(); i++) {
                slot.input(input).put(i, row.get(row.position() + i));
            }
        }
        score(engine, slot);
        List<TensorSpec> outputs = engine.signature().outputs();
        // Equal bits were asked for by a portable engine, and only another of them can give them.
        double tolerance =
                engine.description().exactness() == Exactness.PORTABLE
                        ? vector.tolerance()
                        : Math.max(vector.tolerance(), GoldenVectors.TOLERANCE);
        for (int output = 0; output < outputs.size(); output++) {
            ByteBuffer expected = vector.outputs().get(outputs.get(output).name());
            if (expected != null) {
                compare(outputs.get(output), number, expected, slot.output(output), tolerance);
            }
        }
    }

    private static void compare(
            TensorSpec spec, int number, ByteBuffer expected, ByteBuffer actual, double tolerance)
            throws UnfitException {
        ByteBuffer wanted = expected.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int element = 0; element < spec.rowElements(); element++) {
            int at = element * spec.type().bytes();
            boolean equal = true;
            for (int i = 0; i < spec.type().bytes(); i++) {
                equal &= wanted.get(at + i) == actual.get(at + i);
            }
            if (equal) {
                continue;
            }
            double want = number(spec, wanted, at);
            double got = number(spec, actual, at);
            if (!(Math.abs(want - got) <= tolerance) || tolerance == 0) {
                throw new UnfitException(
                        "golden vector %d: output '%s', element %d is %s and should be %s (tolerance %s)"
                                .formatted(number, spec.name(), element, got, want, tolerance));
            }
        }
    }

    private static double number(TensorSpec spec, ByteBuffer row, int at) {
        return switch (spec.type()) {
            case FLOAT32 -> row.getFloat(at);
            case FLOAT64 -> row.getDouble(at);
            case INT64, UINT64 -> (double) row.getLong(at);
            case INT32, UINT32, CATEGORY -> row.getInt(at);
            case INT16, UINT16, FLOAT16, BFLOAT16 -> row.getShort(at);
            case INT8, UINT8, BOOL -> row.get(at);
        };
    }

    private static void score(Engine engine, Slot slot) throws UnfitException {
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
            done.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new UnfitException("it does not score: " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new UnfitException(
                    "it has not scored one record within %d s".formatted(PATIENCE.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnfitException("interrupted while warming up", e);
        }
    }
}
