package dev.millrace.endtoend;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import java.nio.charset.StandardCharsets;

/**
 * A backend that pipelines reach like any other, by a model file with the right contents, and that
 * tests make misbehave through {@link Mischief}. Its model computes {@code y = 2x + 1}.
 */
public final class TestingBackend implements EngineBackend {
    /** A model file with these contents is scored by this backend. */
    static final String MODEL = "millrace testing model: y = 2x + 1";

    @Override
    public String name() {
        return "testing";
    }

    @Override
    public int rank() {
        return Integer.MIN_VALUE;
    }

    @Override
    public Coverage examine(ModelArtifact artifact, EngineOptions options) {
        boolean ours = new String(artifact.content(), StandardCharsets.UTF_8).equals(MODEL);
        return new Coverage(ours, ours ? "a testing model" : "scores testing models alone");
    }

    @Override
    public Engine open(ModelArtifact artifact, EngineOptions options, String reason) {
        return new TestingEngine(options, reason);
    }
}
