package dev.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A schema registry in memory: one version a subject, ids counted from 1. */
final class TestingRegistry implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final List<String> schemas = new ArrayList<>();
    private final Map<String, Integer> subjects = new ConcurrentHashMap<>();

    TestingRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The id of a subject's schema; 0 where it has none. */
    int id(String subject) {
        return subjects.getOrDefault(subject, 0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/", -1);
        ObjectNode answer = JSON.createObjectNode();
        int status = 200;
        if (path[1].equals("schemas")) {
            answer.put("schema", schemas.get(Integer.parseInt(path[3]) - 1));
        } else if (exchange.getRequestMethod().equals("POST")) {
            answer.put(
                    "id",
                    register(
                            path[2],
                            JSON.readTree(exchange.getRequestBody()).path("schema").asText()));
        } else if (subjects.containsKey(path[2])) {
            int id = id(path[2]);
            answer.put("subject", path[2]).put("version", 1).put("id", id);
            answer.put("schema", schemas.get(id - 1));
        } else {
            status = 404;
            answer.put("error_code", 40401).put("message", "Subject not found");
        }
        byte[] body = answer.toString().getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private synchronized int register(String subject, String schema) {
        if (!schemas.contains(schema)) {
            schemas.add(schema);
        }
        int id = schemas.indexOf(schema) + 1;
        subjects.put(subject, id);
        return id;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
