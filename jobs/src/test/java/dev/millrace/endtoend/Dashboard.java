package dev.millrace.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The panels of {@code docker/grafana/dashboards/millrace.json}. */
final class Dashboard {
    private static final Path FILE =
            Path.of("..", "docker", "grafana", "dashboards", "millrace.json");

    /**
     * A panel that shows something.
     *
     * @param queries ready for Prometheus, with every pipeline chosen
     */
    record Panel(String title, List<String> queries) {}

    private Dashboard() {}

    static List<Panel> panels() throws IOException {
        List<Panel> panels = new ArrayList<>();
        for (JsonNode panel : new ObjectMapper().readTree(FILE.toFile()).get("panels")) {
            if (panel.get("type").asText().equals("row")) {
                continue;
            }
            List<String> queries = new ArrayList<>();
            for (JsonNode target : panel.get("targets")) {
                queries.add(target.get("expr").asText().replace("$job", ".*"));
            }
            panels.add(new Panel(panel.get("title").asText(), queries));
        }
        return panels;
    }
}
