package dev.millrace.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Serves the files of a folder over HTTP, except when it is to fail. */
final class TestingArtifacts implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger good = new AtomicInteger();
    private final AtomicInteger bad = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();

    TestingArtifacts(Path folder) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    boolean fail = good.getAndDecrement() <= 0 && bad.getAndDecrement() > 0;
                    if (fail) {
                        failed.incrementAndGet();
                        exchange.sendResponseHeaders(503, -1);
                    } else {
                        String name = exchange.getRequestURI().getPath().substring(1);
                        byte[] bytes = Files.readAllBytes(folder.resolve(name));
                        exchange.sendResponseHeaders(200, bytes.length);
                        exchange.getResponseBody().write(bytes);
                    }
                    exchange.close();
                });
        server.start();
    }

    /** After so many good answers, as {@link #address} says, so many bad ones. */
    void failNext(int count) {
        bad.set(count);
    }

    int failures() {
        return failed.get();
    }

    String address(String file, int goodAnswers) {
        good.set(goodAnswers);
        return "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), file);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
