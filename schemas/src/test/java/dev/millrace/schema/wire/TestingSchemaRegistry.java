package dev.millrace.schema.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;

/** A schema registry over HTTP, in memory, with failures to order. */
final class TestingSchemaRegistry implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    static {
        // The server sends head and body apart; Nagle's algorithm makes 40 ms of that.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    final ConcurrentLinkedQueue<Integer> failures = new ConcurrentLinkedQueue<>();

    /** Where every request is sent on to; empty for none. */
    volatile String elsewhere = "";

    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<String> authorizations = new CopyOnWriteArrayList<>();

    private final HttpServer server;
    private final String scheme;
    private final Map<Integer, ObjectNode> byId = new ConcurrentHashMap<>();
    private final Map<String, List<Integer>> subjects = new ConcurrentHashMap<>();

    TestingSchemaRegistry() throws IOException {
        this(HttpServer.create(anyPort(), 0), "http");
    }

    static TestingSchemaRegistry https(SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new TestingSchemaRegistry(server, "https");
    }

    private TestingSchemaRegistry(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.createContext("/", this::handle);
        server.start();
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    String url() {
        return scheme + "://localhost:" + server.getAddress().getPort();
    }

    SchemaRegistryOptions options() {
        return new SchemaRegistryOptions(
                Map.of(
                        SchemaRegistryOptions.URL,
                        url(),
                        SchemaRegistryOptions.RETRY_BACKOFF_MS,
                        "0"));
    }

    void put(int id, Schema schema) {
        put(id, JSON.createObjectNode().put("schema", schema.toString()));
    }

    void put(int id, ObjectNode answer) {
        byId.put(id, answer);
    }

    /** Puts a schema under a subject, as its next version. */
    void put(String subject, int id, Schema schema) {
        put(id, schema);
        subjects.computeIfAbsent(subject, s -> new ArrayList<>()).add(id);
    }

    static ObjectNode answer(Schema schema, String referencedName, String subject, int version) {
        ObjectNode answer = JSON.createObjectNode().put("schema", schema.toString());
        ArrayNode references = answer.putArray("references");
        references
                .addObject()
                .put("name", referencedName)
                .put("subject", subject)
                .put("version", version);
        return answer;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            requests.add(exchange.getRequestMethod() + " " + path);
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            authorizations.add(authorization == null ? "" : authorization);
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (!elsewhere.isEmpty()) {
                exchange.getResponseHeaders().set("Location", elsewhere + path);
                send(exchange, 307, "");
                return;
            }
            Integer failure = failures.poll();
            if (failure != null) {
                send(exchange, failure, "<html>no</html>");
                return;
            }
            respond(exchange, path.split("/", -1), body);
        }
    }

    private void respond(HttpExchange exchange, String[] path, byte[] body) throws IOException {
        if (path[1].equals("schemas")) {
            JsonNode found = byId.get(Integer.parseInt(path[3]));
            if (found == null) {
                refuse(exchange, 404, 40403, "Schema not found");
                return;
            }
            send(exchange, 200, found.toString());
            return;
        }
        String subject = URLDecoder.decode(path[2], StandardCharsets.UTF_8);
        if (exchange.getRequestMethod().equals("POST")) {
            register(exchange, subject, JSON.readTree(body).path("schema").asText());
            return;
        }
        List<Integer> versions = subjects.getOrDefault(subject, List.of());
        if (versions.isEmpty()) {
            refuse(exchange, 404, 40401, "Subject not found");
            return;
        }
        int version = path[4].equals("latest") ? versions.size() : Integer.parseInt(path[4]);
        int id = versions.get(version - 1);
        send(
                exchange,
                200,
                byId.get(id).deepCopy().put("id", id).put("version", version).toString());
    }

    private void register(HttpExchange exchange, String subject, String schema) throws IOException {
        if (schema.contains("incompatible")) {
            refuse(exchange, 409, 409, "Schema being registered is incompatible");
            return;
        }
        int id =
                byId.entrySet().stream()
                        .filter(e -> e.getValue().path("schema").asText().equals(schema))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElse(100 + byId.size());
        put(subject, id, new Schema.Parser().parse(schema));
        send(exchange, 200, "{\"id\":" + id + "}");
    }

    private static void refuse(HttpExchange exchange, int status, int code, String message)
            throws IOException {
        String body =
                JSON.createObjectNode().put("error_code", code).put("message", message).toString();
        send(exchange, status, body);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try {
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
