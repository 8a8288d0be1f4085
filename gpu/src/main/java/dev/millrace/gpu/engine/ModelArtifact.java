package dev.millrace.gpu.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A model file's contents with its identity. Immutable: the bytes are shared, never written. */
public final class ModelArtifact {
    private final ModelVersion version;
    private final byte[] content;
    private final String origin;

    /**
     * @param name the model's name
     * @param version the model's version
     * @param content the file's bytes; ownership passes to the artifact
     * @param origin where the bytes came from, for messages
     */
    public ModelArtifact(String name, String version, byte[] content, String origin) {
        this.version = new ModelVersion(name, version, sha256(content));
        this.content = content;
        this.origin = origin;
    }

    /** Reads a model file. */
    public static ModelArtifact read(String name, String version, Path file) throws IOException {
        return new ModelArtifact(name, version, Files.readAllBytes(file), file.toString());
    }

    public ModelVersion version() {
        return version;
    }

    /** The file's bytes. Callers must not write to them. */
    public byte[] content() {
        return content;
    }

    /** Where the bytes came from: a path or an address. */
    public String origin() {
        return origin;
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return version + " (" + origin + ")";
    }
}
