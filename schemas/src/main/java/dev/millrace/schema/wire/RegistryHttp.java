package dev.millrace.schema.wire;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests to a registry, again where a failure may pass, to each of its addresses in turn.
 * Threads may share it.
 */
final class RegistryHttp {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryHttp.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int LONGEST_BACKOFF_MS = 10_000;

    private final SchemaRegistryOptions options;
    private final HttpClient client;

    /** What a registry answered: the status and the JSON of the body. */
    record Answer(int status, JsonNode body) {
        boolean ok() {
            return status == 200;
        }

        /** The registry's own error code, 0 where it gave none. */
        int errorCode() {
            return body.path("error_code").asInt(0);
        }

        String message() {
            return body.path("message").asText("no message");
        }
    }

    RegistryHttp(SchemaRegistryOptions options) {
        this.options = options;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .connectTimeout(Duration.ofMillis(options.requestTimeoutMs()))
                        .followRedirects(redirects(options));
        RegistryTls.context(options).ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /** Credentials go to the addresses that were configured: some JDKs take them along. */
    private static HttpClient.Redirect redirects(SchemaRegistryOptions options) {
        return options.authorization().isPresent()
                ? HttpClient.Redirect.NEVER
                : HttpClient.Redirect.NORMAL;
    }

    Answer get(String path) {
        return send(path, builder -> builder.GET());
    }

    Answer post(String path, JsonNode body) {
        return send(
                path,
                builder ->
                        builder.header("Content-Type", CONTENT_TYPE)
                                .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    private interface Method {
        HttpRequest.Builder on(HttpRequest.Builder builder);
    }

    private Answer send(String path, Method method) {
        for (int attempt = 0; ; attempt++) {
            URI uri = URI.create(options.urls().get(attempt % options.urls().size()) + path);
            try {
                return once(uri, method);
            } catch (TransientFailure e) {
                if (attempt >= options.retries()) {
                    throw new SchemaRegistryUnavailableException(
                            "The schema registry failed %d times, last at %s: %s; is it up, and reachable from here?"
                                    .formatted(attempt + 1, uri, e.getMessage()),
                            e);
                }
                LOG.warn(
                        "Schema registry, attempt {} of {} at {}: {}",
                        attempt + 1,
                        options.retries() + 1,
                        uri,
                        e.getMessage());
            }
            pause(attempt);
        }
    }

    private Answer once(URI uri, Method method) throws TransientFailure {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofMillis(options.requestTimeoutMs()))
                        .header("Accept", CONTENT_TYPE + ", application/json");
        options.authorization().ifPresent(value -> request.header("Authorization", value));
        HttpResponse<String> response;
        try {
            response =
                    client.send(method.on(request).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            // Some of these have no message of their own, a refused connection among them.
            String name = e.getClass().getSimpleName();
            throw new TransientFailure(
                    e.getMessage() == null ? name : name + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        return answer(uri, response);
    }

    private static Answer answer(URI uri, HttpResponse<String> response) throws TransientFailure {
        int status = response.statusCode();
        if (status == 401 || status == 403) {
            throw new SchemaRegistryUnavailableException(
                    "The schema registry refuses these credentials: HTTP %d from %s; check %s or %s"
                            .formatted(
                                    status,
                                    uri,
                                    SchemaRegistryOptions.BASIC_AUTH,
                                    SchemaRegistryOptions.BEARER_TOKEN),
                    null);
        }
        if (status >= 300 && status < 400) {
            throw new SchemaRegistryUnavailableException(
                    "HTTP %d from %s sends on to %s, where these credentials do not follow; if that is the registry, name it in %s"
                            .formatted(
                                    status,
                                    uri,
                                    response.headers().firstValue("Location").orElse("nowhere"),
                                    SchemaRegistryOptions.URL),
                    null);
        }
        if (status == 408 || status == 429 || status >= 500) {
            throw new TransientFailure("HTTP " + status, null);
        }
        JsonNode body = body(response.body());
        if (status == 200 || body.has("error_code")) {
            return new Answer(status, body);
        }
        throw new SchemaRegistryUnavailableException(
                "HTTP %d from %s, and not in the words of a schema registry; is %s right?"
                        .formatted(status, uri, SchemaRegistryOptions.URL),
                null);
    }

    private static JsonNode body(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            LOG.debug("Not JSON: {}", text, e);
            return JSON.createObjectNode();
        }
    }

    private void pause(int attempt) {
        long doubled = (long) options.retryBackoffMs() << Math.min(attempt, 16);
        try {
            Thread.sleep(Math.min(doubled, LONGEST_BACKOFF_MS));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static SchemaRegistryUnavailableException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new SchemaRegistryUnavailableException(
                "Interrupted while waiting for the schema registry", e);
    }

    /** A failure that may pass. */
    private static final class TransientFailure extends Exception {
        TransientFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
