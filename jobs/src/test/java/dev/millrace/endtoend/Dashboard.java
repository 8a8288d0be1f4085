package dev.millrace.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is in {@code docker/grafana/dashboards/millrace.json}. */
final class Dashboard {
    static final Path FILE = Path.of("..", "docker", "grafana", "dashboards", "millrace.json");

    private static final Pattern VALUES_OF_LABEL =
            Pattern.compile("label_values\\((.+), (\\w+)\\)");

    /**
     * A panel that shows something.
     *
     * @param queries ready for Prometheus, with every pipeline chosen
     */
    record Panel(String title, List<String> queries) {}

    private Dashboard() {}

    static List<Panel> panels() throws IOException {
        List<Panel> panels = new ArrayList<>();
        for (JsonNode panel : all().get("panels")) {
            if (panel.get("type").asText().equals("row")) {
                continue;
            }
            List<String> queries = new ArrayList<>();
            for (JsonNode target : panel.get("targets")) {
                queries.add(query(target));
            }
            panels.add(new Panel(panel.get("title").asText(), queries));
        }
        return panels;
    }

    private static JsonNode all() throws IOException {
        return new ObjectMapper().readTree(FILE.toFile());
    }

    private static String query(JsonNode target) {
        return target.get("expr").asText().replace("$job", ".*");
    }

    /** What marks moments in every panel, by name. */
    static Map<String, String> annotations() throws IOException {
        Map<String, String> queries = new LinkedHashMap<>();
        for (JsonNode annotation : all().get("annotations").get("list")) {
            queries.put(annotation.get("name").asText(), query(annotation));
        }
        return queries;
    }

    /** For each variable that is to be chosen, by name, the series that have a value for it. */
    static Map<String, String> variables() throws IOException {
        Map<String, String> queries = new LinkedHashMap<>();
        for (JsonNode variable : all().get("templating").get("list")) {
            String query = variable.get("query").get("query").asText();
            Matcher values = VALUES_OF_LABEL.matcher(query);
            if (!values.matches()) {
                throw new IOException("Not a query for a label's values: " + query);
            }
            queries.put(
                    variable.get("name").asText(),
                    "%s{%s!=\"\"}".formatted(values.group(1), values.group(2)));
        }
        return queries;
    }

    /** Of every data source that is asked for, wherever. */
    static Set<String> dataSources() throws IOException {
        Set<String> sources = new TreeSet<>();
        for (JsonNode source : all().findValues("datasource")) {
            sources.add(source.get("type").asText() + " " + source.get("uid").asText());
        }
        return sources;
    }
}
