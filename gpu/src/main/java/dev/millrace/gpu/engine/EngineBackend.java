package dev.millrace.gpu.engine;

/**
 * A technology that engines are built on. Implementations are listed in {@code
 * META-INF/services/dev.millrace.gpu.engine.EngineBackend}, have a public constructor without
 * arguments, and load no native library before {@link #examine} is called.
 */
public interface EngineBackend {
    /** The name users choose it by: {@code cuda}, {@code cpu} or {@code onnxruntime}. */
    String name();

    /** Order in which {@code auto} asks: lowest first. */
    int rank();

    /**
     * Refuses settings of this backend that it does not have and values that they cannot take. For
     * every backend, whichever is chosen: a misspelt setting must not choose another one.
     *
     * @throws EngineException of kind MODEL, with the setting and what there is
     */
    default void checkSettings(EngineOptions options) throws EngineException {}

    /** Whether this backend can score the model on this machine; never throws for a bad model. */
    Coverage examine(ModelArtifact artifact, EngineOptions options);

    /**
     * Opens an engine, allocating everything it will ever need.
     *
     * @param reason why this backend was chosen, for {@link EngineDescription#reason()}
     */
    Engine open(ModelArtifact artifact, EngineOptions options, String reason)
            throws EngineException;

    /**
     * A backend's answer to {@link #examine}.
     *
     * @param covered whether {@link #open} can be expected to work
     * @param reason one sentence either way; where it is the model's fault, node and operator
     */
    record Coverage(boolean covered, String reason) {}
}
