package dev.millrace.gpu.engine;

/**
 * The identity of a model: what a score names as its origin.
 *
 * @param name the model's name, for example {@code fraud}
 * @param version its version, for example {@code 7}
 * @param sha256 SHA-256 of the artifact's bytes, 64 lower-case hexadecimal digits
 */
public record ModelVersion(String name, String version, String sha256) {
    public ModelVersion {
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "SHA-256 of model "
                            + name
                            + ":"
                            + version
                            + " is not 64 hex digits: "
                            + sha256);
        }
    }

    @Override
    public String toString() {
        return name + ":" + version;
    }
}
