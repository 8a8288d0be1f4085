package dev.millrace.schema;

import java.util.regex.Pattern;

/**
 * What a score names as its origin.
 *
 * @param name the model's name, for example {@code fraud}
 * @param version its version, for example {@code 7}
 * @param sha256 SHA-256 of the artifact's bytes, 64 lower-case hexadecimal digits
 */
public record ModelIdentity(String name, String version, String sha256) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public ModelIdentity {
        if (!SHA256.matcher(sha256).matches()) {
            throw new IllegalArgumentException(
                    "SHA-256 of model %s:%s is not 64 lower-case hex digits: %s"
                            .formatted(name, version, sha256));
        }
    }

    @Override
    public String toString() {
        return name + ":" + version;
    }
}
