package dev.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that sends every request on to another one. */
class FlinkRestTest {
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private HttpServer first;
    private HttpServer second;

    @BeforeEach
    void start() throws IOException {
        second = server();
        second.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        authorizations.add(
                                String.valueOf(
                                        exchange.getRequestHeaders().getFirst("Authorization")));
                        byte[] answer = "{\"slots-total\":1}".getBytes(StandardCharsets.UTF_8);
                        exchange.sendResponseHeaders(200, answer.length);
                        exchange.getResponseBody().write(answer);
                    }
                });
        first = server();
        first.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        String to = address(second) + exchange.getRequestURI().getPath();
                        exchange.getResponseHeaders().set("Location", to);
                        exchange.sendResponseHeaders(307, -1);
                    }
                });
        first.start();
        second.start();
    }

    @AfterEach
    void stop() {
        first.stop(0);
        second.stop(0);
    }

    @Test
    void takesNoCredentialsAlongToAnotherServer() {
        FlinkRest rest = new FlinkRest(address(first), Optional.of("Bearer secret"));
        assertThatThrownBy(() -> rest.get("/overview"))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining(address(first) + " answers with HTTP 307")
                .hasMessageContaining("sends on to " + address(second) + "/overview")
                .hasMessageContaining("--cluster");
        assertThat(authorizations).isEmpty();
    }

    @Test
    void goesAlongWithoutCredentials() throws ClusterException {
        FlinkRest rest = new FlinkRest(address(first), Optional.empty());
        assertThat(rest.get("/overview").path("slots-total").asInt()).isEqualTo(1);
        assertThat(authorizations).containsExactly("null");
    }

    private static HttpServer server() throws IOException {
        return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    private static URI address(HttpServer server) {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }
}
