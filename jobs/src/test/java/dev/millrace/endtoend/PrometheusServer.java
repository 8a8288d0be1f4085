package dev.millrace.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/**
 * A real Prometheus with the configuration and the rules of {@code docker/prometheus}, except that
 * it scrapes one port of this machine, twice a second.
 */
final class PrometheusServer implements AutoCloseable {
    private static final Path CONFIGURATION = Path.of("..", "docker", "prometheus");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final String address;
    private final Path log;
    private final long beginSeconds = System.currentTimeMillis() / 1000;

    PrometheusServer(Path program, Path folder, int scrapedPort) throws IOException {
        int port = freePort();
        address = "127.0.0.1:" + port;
        Path configuration = folder.resolve("prometheus.yml");
        Files.writeString(configuration, configuration(scrapedPort, address));
        log = folder.resolve("prometheus.log");
        process =
                new ProcessBuilder(
                                program.toString(),
                                "--config.file=" + configuration,
                                "--storage.tsdb.path=" + folder.resolve("prometheus"),
                                "--web.listen-address=" + address)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
    }

    /** Where the program is, if this machine has it. */
    static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "prometheus"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String configuration(int scrapedPort, String own) throws IOException {
        Yaml yaml = new Yaml();
        Map<String, Object> all =
                yaml.load(Files.readString(CONFIGURATION.resolve("prometheus.yml")));
        all.put("global", Map.of("scrape_interval", "500ms", "evaluation_interval", "500ms"));
        List<String> rules = new ArrayList<>();
        for (Object file : (List<?>) all.get("rule_files")) {
            rules.add(CONFIGURATION.resolve(file.toString()).toAbsolutePath().toString());
        }
        all.put("rule_files", rules);
        List<Map<String, Object>> jobs = new ArrayList<>();
        for (Object job : (List<?>) all.get("scrape_configs")) {
            String name = ((Map<?, ?>) job).get("job_name").toString();
            String target = name.equals("flink") ? "127.0.0.1:" + scrapedPort : own;
            jobs.add(
                    Map.of(
                            "job_name",
                            name,
                            "static_configs",
                            List.of(Map.of("targets", List.of(target)))));
        }
        all.put("scrape_configs", jobs);
        return yaml.dump(all);
    }

    /** Whether it serves. */
    boolean isReady() throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IOException("Prometheus has ended:\n" + Files.readString(log));
        }
        try {
            HttpRequest request = HttpRequest.newBuilder(uri("/-/ready")).build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Numbers that an expression has had since the server was started, over all its series. */
    int numbers(String expression) throws IOException, InterruptedException {
        String query =
                "/api/v1/query_range?step=1&start=%d&end=%d&query=%s"
                        .formatted(
                                beginSeconds,
                                System.currentTimeMillis() / 1000 + 1,
                                URLEncoder.encode(expression, StandardCharsets.UTF_8));
        int count = 0;
        for (JsonNode series : get(query).get("result")) {
            for (JsonNode value : series.get("values")) {
                count += value.get(1).asText().equals("NaN") ? 0 : 1;
            }
        }
        return count;
    }

    /** Every rule there is, with its health. */
    List<JsonNode> rules() throws IOException, InterruptedException {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : get("/api/v1/rules").get("groups")) {
            group.get("rules").forEach(rules::add);
        }
        return rules;
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(path)).build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        JsonNode json = JSON.readTree(answer.body());
        if (answer.statusCode() != 200 || !json.get("status").asText().equals("success")) {
            throw new IOException(path + ": " + answer.body());
        }
        return json.get("data");
    }

    private URI uri(String path) {
        return URI.create("http://" + address + path);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
