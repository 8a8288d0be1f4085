package dev.millrace.job.release;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of S3's protocol that reading an object takes, over the files of a folder: one bucket,
 * HEAD and GET with a range, no signatures checked. Answers 503 as often as a test says.
 */
final class TestingObjectStore implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
    private static final String NOT_FOUND =
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>";
    private static final String AWAY =
            "<?xml version=\"1.0\"?><Error><Code>ServiceUnavailable</Code><Message>away</Message></Error>";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final Path folder;

    TestingObjectStore(Path folder) throws IOException {
        this.folder = folder;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void failNext(int count) {
        failures.set(count);
    }

    int failed() {
        return failed.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/", 3);
        Path file = path.length < 3 ? folder : folder.resolve(path[2]);
        if (failures.getAndDecrement() > 0) {
            failed.incrementAndGet();
            send(exchange, 503, AWAY.getBytes(UTF_8));
        } else if (path.length < 3 || path[2].isEmpty() || !Files.isRegularFile(file)) {
            send(exchange, 404, NOT_FOUND.getBytes(UTF_8));
        } else {
            sendFile(exchange, Files.readAllBytes(file));
        }
        exchange.close();
    }

    private static void sendFile(HttpExchange exchange, byte[] content) throws IOException {
        exchange.getResponseHeaders().add("ETag", "\"00000000000000000000000000000000\"");
        exchange.getResponseHeaders().add("Last-Modified", "Sat, 31 Jan 2026 00:00:00 GMT");
        exchange.getResponseHeaders().add("Accept-Ranges", "bytes");
        String range = exchange.getRequestHeaders().getFirst("Range");
        Matcher asked = RANGE.matcher(range == null ? "" : range);
        if (!asked.matches()) {
            send(exchange, 200, content);
            return;
        }
        int from = Integer.parseInt(asked.group(1));
        int last = content.length - 1;
        int to = asked.group(2).isEmpty() ? last : Math.min(last, Integer.parseInt(asked.group(2)));
        byte[] part = Arrays.copyOfRange(content, from, to + 1);
        exchange.getResponseHeaders()
                .add("Content-Range", "bytes %d-%d/%d".formatted(from, to, content.length));
        send(exchange, 206, part);
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().add("Content-Length", String.valueOf(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
