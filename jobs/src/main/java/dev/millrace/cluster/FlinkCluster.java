package dev.millrace.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cluster.ClusterException.Fate;
import dev.millrace.job.ScoringJob;
import dev.millrace.job.config.PipelineShipment;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What {@code millrace job} does with a cluster. One thread. */
public final class FlinkCluster {
    /** The environment variable with the header Authorization, for a proxy before the cluster. */
    public static final String AUTHORIZATION = "MILLRACE_CLUSTER_AUTHORIZATION";

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern UNSAFE = Pattern.compile("[^A-Za-z0-9.-]");
    private static final String NO_CODE = "The job has failed without a cause that Flink knows";

    /** A job that failed so often while it started will not come up by trying again. */
    private static final int ATTEMPTS = 3;

    private final FlinkRest rest;
    private final Savepoints savepoints;

    /**
     * A cluster that has to be there.
     *
     * @param address of its REST interface and Web UI
     * @param authorization value of the header Authorization, for a proxy in front of it
     * @throws ClusterException if no cluster answers
     */
    public FlinkCluster(URI address, Optional<String> authorization) throws ClusterException {
        rest = new FlinkRest(address, authorization);
        savepoints = new Savepoints(rest, this);
        if (!rest.get("/overview").has("slots-total")) {
            throw new ClusterException(
                    "%s answers, but not as Flink's REST interface does; --cluster takes the address of the Web UI"
                            .formatted(address));
        }
    }

    /** A job's page in the Web UI. */
    public URI page(String job) {
        String base = rest.address().toString().replaceAll("/+$", "");
        return URI.create(base + "/#/job/running/" + job + "/overview");
    }

    /** All jobs that the cluster remembers, the newest first. */
    public List<ClusterJob> jobs() throws ClusterException {
        List<ClusterJob> jobs = new ArrayList<>();
        for (JsonNode job : rest.get("/jobs/overview").path("jobs")) {
            jobs.add(
                    new ClusterJob(
                            job.path("jid").asText(),
                            job.path("name").asText(),
                            job.path("state").asText(),
                            job.path("tasks").path("running").asInt(),
                            job.path("tasks").path("total").asInt(),
                            Instant.ofEpochMilli(job.path("start-time").asLong())));
        }
        jobs.sort(Comparator.comparing(ClusterJob::started).reversed());
        return jobs;
    }

    /**
     * The job that a user means.
     *
     * @param wanted an id, a pipeline's name or the job's whole name
     * @throws ClusterException if there is none that goes on, or more than one
     */
    public ClusterJob find(String wanted) throws ClusterException {
        List<ClusterJob> live = jobs().stream().filter(job -> !job.ended()).toList();
        List<ClusterJob> found = live.stream().filter(job -> means(wanted, job)).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.size() > 1) {
            throw new ClusterException(
                    "%d jobs are named '%s'; give the id of one: %s"
                            .formatted(found.size(), wanted, names(found, ClusterJob::id)));
        }
        throw new ClusterException(
                live.isEmpty()
                        ? "no job '%s': nothing runs on %s".formatted(wanted, rest.address())
                        : "no job '%s' runs on %s; there is %s"
                                .formatted(
                                        wanted,
                                        rest.address(),
                                        names(
                                                live,
                                                job -> "'%s' %s".formatted(job.name(), job.id()))));
    }

    private static boolean means(String wanted, ClusterJob job) {
        return ID.matcher(wanted).matches()
                ? job.id().equals(wanted)
                : job.name().equals(wanted) || job.name().equals(ScoringJob.jobName(wanted));
    }

    private interface Word {
        String of(ClusterJob job);
    }

    private static String names(List<ClusterJob> jobs, Word word) {
        return jobs.stream().map(word::of).collect(Collectors.joining(", "));
    }

    /** The job of a pipeline that has not ended. */
    public Optional<ClusterJob> ofPipeline(String pipeline) throws ClusterException {
        return jobs().stream()
                .filter(job -> !job.ended() && job.name().equals(ScoringJob.jobName(pipeline)))
                .findFirst();
    }

    /** What {@code millrace job submit} told the job about itself; empty for other jobs. */
    Map<String, String> settings(String job) throws ClusterException {
        Map<String, String> settings = new HashMap<>();
        JsonNode user = rest.get("/jobs/" + job + "/config").path("execution-config");
        user.path("user-config")
                .properties()
                .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
        return settings;
    }

    /**
     * Uploads the job's jar with a pipeline in it.
     *
     * @return the jar's id on the cluster
     */
    String upload(Path jobs, PipelineShipment pipeline) throws ClusterException {
        String name = "millrace-%s.jar".formatted(UNSAFE.matcher(pipeline.name()).replaceAll("-"));
        try (PipelineJar jar = new PipelineJar(jobs, pipeline)) {
            String stored = rest.upload("/jars/upload", jar.file(), name).path("filename").asText();
            return stored.substring(stored.lastIndexOf('/') + 1);
        } catch (IOException e) {
            throw new ClusterException(
                    "cannot put the pipeline into a copy of %s: %s".formatted(jobs, e), e);
        }
    }

    boolean hasJar(String jar) throws ClusterException {
        for (JsonNode file : rest.get("/jars").path("files")) {
            if (file.path("id").asText().equals(jar)) {
                return true;
            }
        }
        return false;
    }

    /** Removes a jar; the jobs that were started from it go on. One that is gone is no failure. */
    void deleteJar(String jar) throws ClusterException {
        if (!jar.isEmpty() && hasJar(jar)) {
            rest.delete("/jars/" + jar);
        }
    }

    /**
     * Starts the pipeline in a jar.
     *
     * @param parallelism where the pipeline does not say it itself
     * @param patience for a cluster that cannot be reached
     * @return the job's id
     */
    String run(String jar, OptionalInt parallelism, Optional<String> savepoint, Duration patience)
            throws ClusterException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("entryClass", ScoringJob.class.getName());
        body.putArray("programArgsList").add(ScoringJob.BUNDLED);
        parallelism.ifPresent(tasks -> body.put("parallelism", tasks));
        savepoint.ifPresent(path -> body.put("savepointPath", path));
        body.putObject("flinkConfiguration")
                .put("pipeline.global-job-parameters", ClusterJob.JAR_KEY + ":" + jar);
        String job =
                new Deadline(patience)
                        .deliver(() -> rest.post("/jars/" + jar + "/run", body))
                        .path("jobid")
                        .asText();
        if (job.isEmpty()) {
            throw new ClusterException(
                    "the cluster has not said which job it started", Fate.UNKNOWN, null);
        }
        return job;
    }

    /** The job that was started from a jar, ended or not. */
    Optional<ClusterJob> startedFrom(String jar, Duration patience) throws ClusterException {
        Deadline deadline = new Deadline(patience);
        for (ClusterJob job : deadline.repeat(this::jobs)) {
            if (ClusterJob.jar(deadline.repeat(() -> settings(job.id()))).equals(jar)) {
                return Optional.of(job);
            }
        }
        return Optional.empty();
    }

    /**
     * Waits until all tasks of a job run.
     *
     * @throws ClusterException with the cause if it fails, keeps failing, or takes too long
     */
    void awaitRunning(String id, Duration patience) throws ClusterException {
        Deadline deadline = new Deadline(patience);
        while (true) {
            ClusterJob job = deadline.repeat(() -> job(id));
            if (job.up()) {
                return;
            }
            List<String> failures = deadline.repeat(() -> failures(id));
            String cause =
                    failures.stream().findFirst().map(RemoteFailure::describe).orElse(NO_CODE);
            if (job.ended()) {
                throw new ClusterException("the job %s: %s".formatted(words(job.state()), cause));
            }
            if (failures.size() >= ATTEMPTS) {
                throw new ClusterException(
                        "the job does not come up; after %d attempts: %s"
                                .formatted(failures.size(), cause));
            }
            if (deadline.over()) {
                throw new ClusterException(tooLate(job, patience));
            }
            deadline.pause();
        }
    }

    private static String words(String state) {
        return switch (state) {
            case "FAILED" -> "failed";
            case "CANCELED" -> "was canceled";
            default -> "ended (" + state + ")";
        };
    }

    private String tooLate(ClusterJob job, Duration patience) throws ClusterException {
        Optional<String> failure = failure(job.id());
        if (failure.isPresent()) {
            return "the job does not run after %d s: %s"
                    .formatted(patience.toSeconds(), failure.get());
        }
        JsonNode overview = rest.get("/overview");
        return "the job does not run after %d s: %d of its %d tasks run; the cluster has %d task slots on %d TaskManagers, %d of them free. Add TaskManagers, or lower 'pipeline.parallelism'"
                .formatted(
                        patience.toSeconds(),
                        job.running(),
                        job.tasks(),
                        overview.path("slots-total").asInt(),
                        overview.path("taskmanagers").asInt(),
                        overview.path("slots-available").asInt());
    }

    private ClusterJob job(String id) throws ClusterException {
        return jobs().stream()
                .filter(job -> job.id().equals(id))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ClusterException(
                                        "job %s is gone from the cluster".formatted(id)));
    }

    private List<String> failures(String job) throws ClusterException {
        List<String> traces = new ArrayList<>();
        JsonNode history = rest.get("/jobs/" + job + "/exceptions").path("exceptionHistory");
        history.path("entries").forEach(entry -> traces.add(entry.path("stacktrace").asText()));
        return traces;
    }

    /** Why a job failed last. */
    public Optional<String> failure(String job) throws ClusterException {
        // The newest comes first.
        return failures(job).stream().findFirst().map(RemoteFailure::describe);
    }

    /** The largest parallelism among a job's vertices. */
    int parallelism(String job) throws ClusterException {
        int largest = 1;
        for (JsonNode vertex : rest.get("/jobs/" + job).path("vertices")) {
            largest = Math.max(largest, vertex.path("parallelism").asInt());
        }
        return largest;
    }

    /** What a job that has ended had committed. */
    Checkpoints checkpoints(String job, Duration patience) throws ClusterException {
        Deadline deadline = new Deadline(patience);
        long cachedMs =
                deadline.repeat(() -> rest.get("/config")).path("refresh-interval").asLong();
        // Flink gives out statistics this old; whoever looks at the Web UI has them kept. Those of
        // before the end may lack the last checkpoint.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(cachedMs));
        return Checkpoints.of(deadline.repeat(() -> rest.get("/jobs/" + job + "/checkpoints")));
    }

    /**
     * Takes a savepoint and lets the job go on.
     *
     * @param directory where; empty for the cluster's own
     * @return the savepoint's address
     */
    public String savepoint(String job, Optional<String> directory, Duration patience)
            throws ClusterException {
        return savepoints.take(job, directory, patience);
    }

    /** Takes a savepoint and ends the job with it: nothing is scored after it. */
    public String stop(String job, Optional<String> directory, Duration patience)
            throws ClusterException {
        return savepoints.stop(job, directory, patience);
    }

    /** Ends a job as it is, and its jar with it. */
    public void cancel(String job, Duration patience) throws ClusterException {
        String jar = new Deadline(patience).repeat(() -> ClusterJob.jar(settings(job)));
        end(job, patience);
        deleteJar(jar);
    }

    /** Ends a job as it is; one that has ended is no failure. */
    void end(String id, Duration patience) throws ClusterException {
        Deadline deadline = new Deadline(patience);
        if (deadline.repeat(() -> job(id)).ended()) {
            return;
        }
        try {
            deadline.repeat(() -> rest.patch("/jobs/" + id + "?mode=cancel"));
        } catch (ClusterException e) {
            // It may have ended by itself meanwhile, or on a request whose answer was lost.
            if (!deadline.repeat(() -> job(id)).ended()) {
                throw e;
            }
        }
        awaitEnd(id, patience);
    }

    void awaitEnd(String id, Duration patience) throws ClusterException {
        Deadline deadline = new Deadline(patience);
        while (!deadline.repeat(() -> job(id)).ended()) {
            if (deadline.over()) {
                throw new ClusterException(
                        "job %s has not ended after %d s; see %s"
                                .formatted(id, patience.toSeconds(), page(id)));
            }
            deadline.pause();
        }
    }
}
