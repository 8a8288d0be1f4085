package dev.millrace.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Savepoints of a cluster's jobs. One thread. */
final class Savepoints {
    private final FlinkRest rest;
    private final FlinkCluster cluster;

    Savepoints(FlinkRest rest, FlinkCluster cluster) {
        this.rest = rest;
        this.cluster = cluster;
    }

    /** Takes one; the job goes on. */
    String take(String job, Optional<String> directory, Duration patience) throws ClusterException {
        ObjectNode body = body().put("cancel-job", false);
        directory.ifPresent(path -> body.put("target-directory", path));
        return trigger(job, "/savepoints", body, new Deadline(patience));
    }

    /** Takes one and ends the job with it. */
    String stop(String job, Optional<String> directory, Duration patience) throws ClusterException {
        ObjectNode body = body().put("drain", false);
        directory.ifPresent(path -> body.put("targetDirectory", path));
        String savepoint;
        try {
            savepoint = trigger(job, "/stop", body, new Deadline(patience));
        } catch (ClusterException e) {
            if (!e.mayPass()) {
                throw e;
            }
            throw new ClusterException(
                    "%s. The job may still end with its savepoint, in %s: look at %s. Where it has ended, 'millrace job submit PIPELINE --from-savepoint' with that savepoint goes on"
                            .formatted(
                                    e.getMessage(),
                                    directory.orElse("the cluster's folder for savepoints"),
                                    cluster.page(job)),
                    e);
        }
        try {
            cluster.awaitEnd(job, patience);
            return savepoint;
        } catch (ClusterException e) {
            throw new ClusterException(
                    "savepoint %s is complete, but: %s. Once the job has ended, 'millrace job submit PIPELINE --from-savepoint %s' goes on"
                            .formatted(savepoint, e.getMessage(), savepoint),
                    e);
        }
    }

    /** A request of a known id may be repeated: Flink answers the second as the first. */
    private static ObjectNode body() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("triggerId", UUID.randomUUID().toString().replace("-", ""));
    }

    private String trigger(String job, String kind, ObjectNode body, Deadline deadline)
            throws ClusterException {
        String id =
                deadline.repeat(() -> rest.post("/jobs/" + job + kind, body))
                        .path("request-id")
                        .asText();
        String path = "/jobs/" + job + "/savepoints/" + id;
        while (true) {
            JsonNode answer = progress(path, deadline);
            JsonNode operation = answer.path("operation");
            if (operation.has("failure-cause")) {
                String trace = operation.path("failure-cause").path("stack-trace").asText();
                throw new ClusterException(
                        "the savepoint failed: " + RemoteFailure.describe(trace));
            }
            if (answer.path("status").path("id").asText().equals("COMPLETED")) {
                return operation.path("location").asText();
            }
            if (deadline.over()) {
                throw new ClusterException(
                        "the savepoint is not complete after %d s; the job's page says how far it is: %s"
                                .formatted(deadline.patienceSeconds(), cluster.page(job)),
                        ClusterException.Fate.UNKNOWN,
                        null);
            }
            deadline.pause();
        }
    }

    /** A JobManager that took over knows nothing of savepoints that another one began. */
    private JsonNode progress(String path, Deadline deadline) throws ClusterException {
        try {
            return deadline.repeat(() -> rest.get(path));
        } catch (ClusterException e) {
            throw new ClusterException(
                    "what became of the savepoint is not known: " + e.getMessage(),
                    ClusterException.Fate.UNKNOWN,
                    e);
        }
    }
}
