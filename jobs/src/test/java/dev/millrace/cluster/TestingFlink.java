package dev.millrace.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.job.ScoringJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A JobManager's REST interface over jobs in memory, with failures to order. Requests are answered
 * one after the other under this object's monitor.
 */
final class TestingFlink implements AutoCloseable {
    static final String SAVEPOINT = "file:/savepoints/savepoint-1";
    static final String OLD = "0".repeat(31) + "1";

    /** The answer of a connection that breaks. */
    static final int NO_ANSWER = 0;

    private static final Pattern JAR = Pattern.compile("\"jarfile\"; filename=\"([^\"]+)\"");
    private static final Pattern TRIGGER = Pattern.compile("\"triggerId\":\"([0-9a-f]{32})\"");
    private static final Pattern SETTING = Pattern.compile("millrace\\.jar:([^\"]+)");

    /** What becomes of the job that the next jar's start gives. */
    enum Fortune {
        RUNS,
        FAILS,
        /** Stays without its tasks. */
        STALLS,
        /** Completes a checkpoint while it is being canceled. */
        COMMITS_WHILE_CANCELED,
        /** Does not end. */
        CLINGS
    }

    /** A job as the cluster has it. */
    static final class Job {
        final String id;
        final String jar;
        final Fortune fortune;
        String state = "RUNNING";
        int checkpoints;

        Job(String id, String jar, Fortune fortune) {
            this.id = id;
            this.jar = jar;
            this.fortune = fortune;
        }
    }

    private static final class Failure {
        final Pattern request;
        final int status;
        final boolean done;
        int times;

        Failure(String request, int times, int status, boolean done) {
            this.request = Pattern.compile(request);
            this.times = times;
            this.status = status;
            this.done = done;
        }
    }

    static {
        // The server sends head and body apart; Nagle's algorithm makes 40 ms of that.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final String pipeline;
    private final HttpServer server;
    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final Set<String> jars = new TreeSet<>();
    private final Set<String> triggers = new TreeSet<>();
    private final List<Fortune> fortunes = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<String> starts = new ArrayList<>();

    TestingFlink(String pipeline) throws IOException {
        this.pipeline = pipeline;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(executor);
        server.start();
        jars.add("old.jar");
        jobs.put(OLD, new Job(OLD, "old.jar", Fortune.RUNS));
    }

    URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    /** What the jobs become that are started from now on, one after the other. */
    synchronized void next(Fortune... order) {
        fortunes.addAll(List.of(order));
    }

    /** Refuses the next requests, given as {@code METHOD path}, without doing anything. */
    synchronized void fail(String request, int times, int status) {
        failures.add(new Failure(request, times, status, false));
    }

    /** Carries the next request out, and breaks the connection instead of answering. */
    synchronized void loseAnswer(String request) {
        failures.add(new Failure(request, 1, NO_ANSWER, true));
    }

    /** Jars and savepoints that jobs were started from. */
    synchronized List<String> starts() {
        return List.copyOf(starts);
    }

    synchronized List<String> running() {
        return jobs.values().stream()
                .filter(job -> job.state.equals("RUNNING"))
                .map(job -> job.jar)
                .toList();
    }

    synchronized Set<String> jars() {
        return Set.copyOf(jars);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body =
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            answer(exchange, request, body);
        }
    }

    private synchronized void answer(HttpExchange exchange, String request, String body)
            throws IOException {
        for (Failure failure : failures) {
            if (failure.times > 0 && failure.request.matcher(request).matches()) {
                failure.times--;
                if (failure.done) {
                    respond(request, body);
                }
                if (failure.status != NO_ANSWER) {
                    send(exchange, failure.status, "{\"errors\":[\"no leader\"]}");
                }
                return;
            }
        }
        String answer = respond(request, body);
        send(exchange, answer.isEmpty() ? 404 : 200, answer.isEmpty() ? "{}" : answer);
    }

    private static void send(HttpExchange exchange, int status, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty for what there is not. */
    private String respond(String request, String body) {
        String[] words = request.split("[ /?]+");
        return switch (words[0] + " " + words[1]) {
            case "GET overview" -> "{\"slots-total\":2,\"taskmanagers\":1,\"slots-available\":0}";
            case "GET config" -> "{\"refresh-interval\":1}";
            case "GET jars" ->
                    "{\"files\":[%s]}"
                            .formatted(
                                    jars.stream()
                                            .map("{\"id\":\"%s\"}"::formatted)
                                            .collect(Collectors.joining(",")));
            case "DELETE jars" -> jars.remove(words[2]) ? "{}" : "";
            case "POST jars" -> words[2].equals("upload") ? upload(body) : start(words[2], body);
            case "GET jobs" -> words[2].equals("overview") ? overview() : look(words);
            case "POST jobs" -> stop(words[2], body);
            case "PATCH jobs" -> cancel(jobs.get(words[2]));
            default -> "";
        };
    }

    private String upload(String body) {
        Matcher name = JAR.matcher(body);
        if (!name.find()) {
            return "";
        }
        String id = jars.size() + "_" + name.group(1);
        jars.add(id);
        return "{\"filename\":\"/uploads/%s\"}".formatted(id);
    }

    private String start(String jar, String body) {
        Matcher setting = SETTING.matcher(body);
        String id = "%032x".formatted(jobs.size() + 1);
        jobs.put(
                id,
                new Job(
                        id,
                        setting.find() ? setting.group(1) : "",
                        fortunes.isEmpty() ? Fortune.RUNS : fortunes.remove(0)));
        starts.add(jar + " " + body.replaceAll(".*\"savepointPath\":\"([^\"]*)\".*", "$1"));
        if (jobs.get(id).fortune == Fortune.FAILS) {
            jobs.get(id).state = "FAILED";
        }
        return "{\"jobid\":\"%s\"}".formatted(id);
    }

    private String overview() {
        return "{\"jobs\":[%s]}"
                .formatted(
                        jobs.values().stream()
                                .map(
                                        job ->
                                                "{\"jid\":\"%s\",\"name\":\"%s\",\"state\":\"%s\",\"start-time\":0,\"tasks\":{\"running\":%d,\"total\":2}}"
                                                        .formatted(
                                                                job.id,
                                                                ScoringJob.jobName(pipeline),
                                                                job.state,
                                                                job.fortune == Fortune.RUNS
                                                                        ? 2
                                                                        : 0))
                                .collect(Collectors.joining(",")));
    }

    private String look(String[] words) {
        Job job = jobs.get(words[2]);
        if (job == null) {
            return "";
        }
        return switch (words.length == 3 ? "" : words[3]) {
            case "" -> "{\"vertices\":[{\"parallelism\":2}]}";
            case "config" ->
                    "{\"execution-config\":{\"user-config\":{\"millrace.jar\":\"%s\"}}}"
                            .formatted(job.jar);
            case "exceptions" -> "{\"exceptionHistory\":{\"entries\":[]}}";
            case "checkpoints" ->
                    "{\"counts\":{\"completed\":%d},\"latest\":{\"completed\":%s,\"restored\":null}}"
                            .formatted(
                                    job.checkpoints,
                                    job.checkpoints == 0
                                            ? "null"
                                            : "{\"external_path\":\"file:/checkpoints/chk-1\"}");
            case "savepoints" ->
                    triggers.contains(words[4])
                            ? "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"%s\"}}"
                                    .formatted(SAVEPOINT)
                            : "";
            default -> "";
        };
    }

    /** As Flink does, a second request of the same id is answered as the first. */
    private String stop(String id, String body) {
        Matcher given = TRIGGER.matcher(body);
        String trigger = given.find() ? given.group(1) : "own-" + triggers.size();
        Job job = jobs.get(id);
        if (triggers.add(trigger)) {
            if (!job.state.equals("RUNNING")) {
                return "";
            }
            job.state = job.fortune == Fortune.CLINGS ? "RUNNING" : "FINISHED";
        }
        return "{\"request-id\":\"%s\"}".formatted(trigger);
    }

    private static String cancel(Job job) {
        if (job.fortune == Fortune.CLINGS) {
            return "{}";
        }
        if (job.fortune == Fortune.COMMITS_WHILE_CANCELED) {
            job.checkpoints++;
        }
        job.state = "CANCELED";
        return "{}";
    }

    /** Replaces the job that runs at first. */
    synchronized void old(Fortune fortune) {
        jobs.put(OLD, new Job(OLD, "old.jar", fortune));
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdown();
    }
}
