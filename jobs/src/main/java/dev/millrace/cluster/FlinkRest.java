package dev.millrace.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.cluster.ClusterException.Fate;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Requests to a JobManager, and its refusals put into words. */
final class FlinkRest {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);

    /** Starting a job reads models and asks brokers. */
    private static final Duration LONG_ANSWER = Duration.ofMinutes(5);

    private static final int SENT_ON = 300;
    private static final int REFUSED = 400;
    private static final int NOT_FOUND = 404;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final int BROKEN = 500;
    private static final int UNAVAILABLE = 503;

    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient http;
    private final URI address;
    private final Optional<String> authorization;

    /**
     * @param authorization value of the header of this name
     */
    FlinkRest(URI address, Optional<String> authorization) {
        this.address = address;
        this.authorization = authorization;
        // What opens this cluster is not for another: some JDKs take the header along.
        HttpClient.Redirect redirects =
                authorization.isPresent() ? HttpClient.Redirect.NEVER : HttpClient.Redirect.NORMAL;
        this.http =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT)
                        .followRedirects(redirects)
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
    }

    URI address() {
        return address;
    }

    JsonNode get(String path) throws ClusterException {
        return send(request(path, ANSWER).GET().build());
    }

    JsonNode post(String path, JsonNode body) throws ClusterException {
        return send(
                request(path, LONG_ANSWER)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body.toString()))
                        .build());
    }

    JsonNode patch(String path) throws ClusterException {
        return send(request(path, ANSWER).method("PATCH", BodyPublishers.noBody()).build());
    }

    JsonNode delete(String path) throws ClusterException {
        return send(request(path, ANSWER).DELETE().build());
    }

    /** Uploads a jar as a browser would. */
    JsonNode upload(String path, Path jar, String name) throws ClusterException {
        String boundary = "millrace-" + UUID.randomUUID();
        String head =
                "--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"%s\"\r\nContent-Type: application/x-java-archive\r\n\r\n"
                        .formatted(boundary, name);
        String tail = "\r\n--%s--\r\n".formatted(boundary);
        try {
            long length = head.length() + Files.size(jar) + tail.length();
            BodyPublisher body =
                    BodyPublishers.fromPublisher(
                            BodyPublishers.concat(
                                    BodyPublishers.ofString(head),
                                    BodyPublishers.ofInputStream(() -> open(jar)),
                                    BodyPublishers.ofString(tail)),
                            length);
            return send(
                    request(path, LONG_ANSWER)
                            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                            .POST(body)
                            .build());
        } catch (IOException e) {
            throw new ClusterException("jar %s cannot be read: %s".formatted(jar, e), e);
        }
    }

    private static InputStream open(Path file) {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpRequest.Builder request(String path, Duration patience) {
        String base = address.toString().replaceAll("/+$", "");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(patience);
        authorization.ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    private JsonNode send(HttpRequest request) throws ClusterException {
        HttpResponse<String> answer;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("interrupted while waiting for " + address, e);
        } catch (HttpTimeoutException e) {
            throw new ClusterException(
                    "%s did not answer in time; is that a Flink JobManager, and is it well?"
                            .formatted(address),
                    e instanceof HttpConnectTimeoutException ? Fate.UNSENT : Fate.UNKNOWN,
                    e);
        } catch (IOException e) {
            throw new ClusterException(
                    unreachable(e), e instanceof ConnectException ? Fate.UNSENT : Fate.UNKNOWN, e);
        }
        if (answer.statusCode() >= SENT_ON && answer.statusCode() < REFUSED) {
            throw new ClusterException(
                    "%s answers with HTTP %d and sends on to %s, where the header Authorization does not follow; if that is the cluster, give it to --cluster"
                            .formatted(
                                    address,
                                    answer.statusCode(),
                                    answer.headers().firstValue("Location").orElse("nowhere")));
        }
        if (answer.statusCode() >= REFUSED) {
            String reason = reason(answer);
            throw new ClusterException(
                    reason.isBlank() ? words(answer) : reason, fate(answer, reason), null);
        }
        return json(answer.body());
    }

    private String unreachable(IOException e) {
        String why =
                e instanceof ConnectException
                        ? "nobody listens there"
                        : String.valueOf(e.getMessage());
        return "no Flink cluster answers at %s: %s. --cluster takes the address of its Web UI, for example http://localhost:8081"
                .formatted(address, why);
    }

    private JsonNode json(String body) throws ClusterException {
        try {
            return mapper.readTree(body.isBlank() ? "{}" : body);
        } catch (JsonProcessingException e) {
            throw new ClusterException(
                    "%s answers, but not as Flink's REST interface does; --cluster takes the address of the Web UI"
                            .formatted(address),
                    e);
        }
    }

    /** In Flink's own words; empty where it is not Flink that answers. */
    private String reason(HttpResponse<String> answer) {
        String reason = "";
        try {
            for (JsonNode error : mapper.readTree(answer.body()).path("errors")) {
                // The last one has the stack trace where there is one.
                reason = RemoteFailure.describe(error.asText());
            }
        } catch (JsonProcessingException e) {
            return "";
        }
        return reason;
    }

    private String words(HttpResponse<String> answer) {
        return answer.statusCode() == NOT_FOUND
                ? "%s has no %s".formatted(address, answer.uri().getPath())
                : "%s answers with HTTP %d".formatted(address, answer.statusCode());
    }

    private static Fate fate(HttpResponse<String> answer, String reason) {
        int status = answer.statusCode();
        if (status == TOO_MANY || (status == UNAVAILABLE && !reason.isBlank())) {
            // Flink itself says so while it has no leader; a proxy may have sent the request on.
            return Fate.UNSENT;
        }
        return status == TIMEOUT || status >= BROKEN ? Fate.UNKNOWN : Fate.REFUSED;
    }
}
