package dev.millrace.bench.endtoend;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.bench.subject.SubjectSpec;
import dev.millrace.bench.subject.Usage.ThreadGroupName;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Everything that was measured, as JSON. */
final class JsonReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Machine machine;
    private final Settings settings;
    private final List<WorkloadResult> results;

    JsonReport(Machine machine, Settings settings, List<WorkloadResult> results) {
        this.machine = machine;
        this.settings = settings;
        this.results = results;
    }

    String text() {
        ObjectNode root = JSON.createObjectNode();
        root.set("machine", JSON.valueToTree(machine));
        root.put("rounds", settings.rounds());
        root.put("warmUpRecords", settings.warmUpRecords());
        root.put("quick", settings.quick());
        root.put("checkpointMs", settings.checkpointMs());
        ArrayNode workloads = root.putArray("workloads");
        results.forEach(result -> workloads.add(workload(result)));
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private ObjectNode workload(WorkloadResult result) {
        ObjectNode node = JSON.createObjectNode();
        node.put("name", result.workload().name());
        node.put("features", result.workload().features());
        node.put("records", result.records());
        ArrayNode subjects = node.putArray("subjects");
        result.rounds().keySet().forEach(subject -> subjects.add(subject(result, subject)));
        ArrayNode comparisons = node.putArray("comparisons");
        Comparison.all(result, settings.engines())
                .forEach(comparison -> comparisons.add(comparison(comparison)));
        ArrayNode latencies = node.putArray("latencies");
        result.latencies().forEach(latency -> latencies.add(latency(latency)));
        return node;
    }

    private static ObjectNode subject(WorkloadResult result, SubjectSpec subject) {
        ObjectNode node = JSON.createObjectNode();
        node.put("kind", subject.kind().name());
        node.put("engine", subject.engine());
        put(node, result, subject, "recordsPerSecond", RunFigures::recordsPerSecond);
        put(node, result, subject, "cpuMicros", RunFigures::cpuMicros);
        put(node, result, subject, "cpuMicrosWithBroker", RunFigures::cpuMicrosWithBroker);
        put(node, result, subject, "allocatedBytes", RunFigures::allocatedBytes);
        put(node, result, subject, "otherCores", run -> run.otherCores().orElse(Double.NaN));
        ObjectNode threads = node.putObject("threads");
        for (ThreadGroupName group : ThreadGroupName.values()) {
            ObjectNode thread = threads.putObject(group.name());
            put(thread, result, subject, "cpuMicros", run -> run.cpuMicros(group));
            put(thread, result, subject, "allocatedBytes", run -> run.allocatedBytes(group));
        }
        RunFigures profiled = result.profiles().get(subject);
        if (profiled != null) {
            node.set("profile", JSON.valueToTree(profiled.profile().orElseThrow()));
        }
        return node;
    }

    private static void put(
            ObjectNode node,
            WorkloadResult result,
            SubjectSpec subject,
            String name,
            ToDoubleFunction<RunFigures> figure) {
        node.set(name, JSON.valueToTree(result.spread(subject, figure)));
    }

    private static ObjectNode comparison(Comparison comparison) {
        ObjectNode node = JSON.createObjectNode();
        node.put("name", comparison.name());
        node.put("unit", comparison.unit());
        node.set("value", JSON.valueToTree(comparison.value()));
        comparison
                .target()
                .ifPresent(
                        target -> {
                            node.put(target.atLeast() ? "atLeast" : "atMost", target.value());
                            node.put("met", target.isMetBy(comparison.value().median()));
                        });
        return node;
    }

    private static ObjectNode latency(WorkloadResult.Latency latency) {
        ObjectNode node = JSON.createObjectNode();
        LatencyRun.Result figures = latency.result();
        node.put("kind", latency.subject().kind().name());
        node.put("engine", latency.subject().engine());
        node.put("share", latency.share());
        node.put("recordsPerSecond", figures.rate());
        node.put("checkpointMs", latency.checkpointMs());
        node.put("targetLatencyMs", latency.targetLatencyMs());
        node.put("measured", figures.measured());
        node.put("missing", figures.missing());
        node.put("p50Ms", figures.p50Ms());
        node.put("p99Ms", figures.p99Ms());
        node.put("greatestMs", figures.greatestMs());
        node.put("generatorP99Ms", figures.generatorP99Ms());
        figures.operator().ifPresent(of -> node.set("operator", JSON.valueToTree(of)));
        return node;
    }
}
