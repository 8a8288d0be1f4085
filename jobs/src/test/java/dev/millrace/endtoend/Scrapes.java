package dev.millrace.endtoend;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What Flink's Prometheus reporter said whenever it was asked: every value of every figure,
 * whatever its labels. One thread.
 */
final class Scrapes {
    private static final int MOST_VALUES = 50;

    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpRequest request;
    private final Map<String, Set<Double>> seen = new HashMap<>();
    private final Map<String, Double> sums = new HashMap<>();

    Scrapes(int port) {
        request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                        .timeout(Duration.ofMinutes(1))
                        .build();
    }

    /** Asks once more. */
    void take() throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("The reporter answers " + answer.statusCode());
        }
        sums.clear();
        answer.body().lines().filter(line -> !line.startsWith("#")).forEach(this::enter);
    }

    private void enter(String line) {
        int space = line.lastIndexOf(' ');
        int end = line.indexOf('{');
        String name = line.substring(0, end < 0 ? space : end);
        double value = Double.parseDouble(line.substring(space + 1));
        if (Double.isNaN(value)) {
            return;
        }
        sums.merge(name, value, Double::sum);
        Set<Double> values = seen.computeIfAbsent(name, key -> new LinkedHashSet<>());
        if (values.size() < MOST_VALUES) {
            values.add(value);
        }
    }

    /** What a figure was at the last time, over all its labels; 0 where it was not. */
    double now(String name) {
        return sums.getOrDefault(name, 0.0);
    }

    /** Values that a figure has had; empty where it never was. */
    Set<Double> values(String name) {
        return seen.getOrDefault(name, Set.of());
    }
}
