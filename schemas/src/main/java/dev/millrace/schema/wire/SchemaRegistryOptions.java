package dev.millrace.schema.wire;

import dev.millrace.schema.NearestName;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where a schema registry is and how to speak to it. Immutable; made from properties as the
 * registry's own clients name them. Its text form shows no secret.
 */
public final class SchemaRegistryOptions implements Serializable {
    /** Addresses, comma-separated; a second one is asked where the first one fails. */
    public static final String URL = "schema.registry.url";

    /** {@code user:password} for basic authentication. */
    public static final String BASIC_AUTH = "basic.auth.user.info";

    /** A token for bearer authentication. */
    public static final String BEARER_TOKEN = "bearer.auth.token";

    public static final String TRUSTSTORE = "schema.registry.ssl.truststore.location";
    public static final String TRUSTSTORE_PASSWORD = "schema.registry.ssl.truststore.password";

    /** PKCS12 (the default) or JKS. */
    public static final String TRUSTSTORE_TYPE = "schema.registry.ssl.truststore.type";

    public static final String KEYSTORE = "schema.registry.ssl.keystore.location";
    public static final String KEYSTORE_PASSWORD = "schema.registry.ssl.keystore.password";

    /** PKCS12 (the default) or JKS. */
    public static final String KEYSTORE_TYPE = "schema.registry.ssl.keystore.type";

    /** Password of the key, where it is not the keystore's. */
    public static final String KEY_PASSWORD = "schema.registry.ssl.key.password";

    /** How long one request may take; 10000 by default. */
    public static final String REQUEST_TIMEOUT_MS = "schema.registry.request.timeout.ms";

    /** How often a request is sent again after a failure that may pass; 5 by default. */
    public static final String RETRIES = "schema.registry.max.retries";

    /** Wait before the first retry, doubled for each further one; 200 by default. */
    public static final String RETRY_BACKOFF_MS = "schema.registry.retries.wait.ms";

    private static final List<String> KNOWN =
            List.of(
                    URL,
                    BASIC_AUTH,
                    BEARER_TOKEN,
                    TRUSTSTORE,
                    TRUSTSTORE_PASSWORD,
                    TRUSTSTORE_TYPE,
                    KEYSTORE,
                    KEYSTORE_PASSWORD,
                    KEYSTORE_TYPE,
                    KEY_PASSWORD,
                    REQUEST_TIMEOUT_MS,
                    RETRIES,
                    RETRY_BACKOFF_MS);

    private final TreeMap<String, String> properties;
    private final List<URI> urls;
    private final int requestTimeoutMs;
    private final int retries;
    private final int retryBackoffMs;

    /**
     * @throws IllegalArgumentException if a property is unknown, of a wrong type, or contradicts
     *     another
     */
    public SchemaRegistryOptions(Map<String, String> properties) {
        this.properties = new TreeMap<>(properties);
        this.properties.keySet().forEach(SchemaRegistryOptions::checkKnown);
        this.urls = urls(properties.getOrDefault(URL, ""));
        this.requestTimeoutMs = number(REQUEST_TIMEOUT_MS, 1, 10_000);
        this.retries = number(RETRIES, 0, 5);
        this.retryBackoffMs = number(RETRY_BACKOFF_MS, 0, 200);
        if (properties.containsKey(BASIC_AUTH) && properties.containsKey(BEARER_TOKEN)) {
            throw new IllegalArgumentException(
                    "Both %s and %s are set; the registry takes one"
                            .formatted(BASIC_AUTH, BEARER_TOKEN));
        }
        needs(TRUSTSTORE_PASSWORD, TRUSTSTORE);
        needs(TRUSTSTORE_TYPE, TRUSTSTORE);
        needs(KEYSTORE_PASSWORD, KEYSTORE);
        needs(KEYSTORE_TYPE, KEYSTORE);
        needs(KEY_PASSWORD, KEYSTORE);
    }

    List<URI> urls() {
        return urls;
    }

    int requestTimeoutMs() {
        return requestTimeoutMs;
    }

    int retries() {
        return retries;
    }

    int retryBackoffMs() {
        return retryBackoffMs;
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(properties.get(name));
    }

    /** The value of the Authorization header. */
    Optional<String> authorization() {
        Optional<String> basic =
                find(BASIC_AUTH)
                        .map(info -> info.getBytes(StandardCharsets.UTF_8))
                        .map(info -> "Basic " + Base64.getEncoder().encodeToString(info));
        return basic.or(() -> find(BEARER_TOKEN).map(token -> "Bearer " + token));
    }

    @Override
    public String toString() {
        return "schema registry at " + urls;
    }

    private static void checkKnown(String name) {
        if (KNOWN.contains(name)) {
            return;
        }
        throw new IllegalArgumentException(
                "No schema registry property is called '%s'%s"
                        .formatted(
                                name,
                                NearestName.of(name, KNOWN)
                                        .map("; did you mean '%s'?"::formatted)
                                        .orElse("; known are " + String.join(", ", KNOWN))));
    }

    private static List<URI> urls(String text) {
        List<URI> urls = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String url = part.strip();
            if (!url.matches("https?://[^/@\\s]+(/\\S*)?")) {
                throw new IllegalArgumentException(
                        "%s: '%s' is not an address such as http://registry:8081; credentials go into %s"
                                .formatted(URL, url.replaceAll("//.*@", "//…@"), BASIC_AUTH));
            }
            urls.add(URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url));
        }
        return List.copyOf(urls);
    }

    private int number(String name, int least, int fallback) {
        String text = properties.getOrDefault(name, Integer.toString(fallback));
        try {
            int value = Integer.parseInt(text.strip());
            if (value >= least) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s: '%s' is not a whole number".formatted(name, text), e);
        }
        throw new IllegalArgumentException("%s: %s is less than %d".formatted(name, text, least));
    }

    private void needs(String name, String other) {
        if (properties.containsKey(name) && !properties.containsKey(other)) {
            throw new IllegalArgumentException(
                    "%s has no effect without %s".formatted(name, other));
        }
    }
}
