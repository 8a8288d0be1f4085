package dev.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** That the Grafana of docker-compose.yml finds the dashboard, and the dashboard its figures. */
class GrafanaTest {
    private static final Path ROOT = Path.of("..");
    private static final Path PROVISIONING = Path.of("docker", "grafana", "provisioning");

    /** Grafana's own, where nothing else is said. */
    private static final String PROVISIONING_INSIDE = "/etc/grafana/provisioning";

    @SuppressWarnings("unchecked")
    private static Map<String, Object> yaml(Path file) throws IOException {
        return (Map<String, Object>) new Yaml().load(Files.readString(ROOT.resolve(file)));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> service(String name) throws IOException {
        Object services = yaml(Path.of("docker-compose.yml")).get("services");
        return (Map<String, Object>) ((Map<String, Object>) services).get(name);
    }

    /** The folders of the repository by where Grafana sees them. */
    private static Map<String, Path> mounts() throws IOException {
        Map<String, Path> mounts = new HashMap<>();
        for (Object volume : (List<?>) service("grafana").get("volumes")) {
            String[] parts = volume.toString().split(":", -1);
            if (parts[0].startsWith("./")) {
                mounts.put(parts[1], Path.of(parts[0]).normalize());
            }
        }
        return mounts;
    }

    private static Map<?, ?> only(Object list) {
        assertThat((List<?>) list).hasSize(1);
        return (Map<?, ?>) ((List<?>) list).get(0);
    }

    @Test
    void theDashboardIsWhereGrafanaLooksForIt() throws IOException {
        assertThat(mounts()).containsEntry(PROVISIONING_INSIDE, PROVISIONING);
        Map<?, ?> provider =
                only(yaml(PROVISIONING.resolve("dashboards/millrace.yml")).get("providers"));
        assertThat(provider.get("type")).isEqualTo("file");
        String inside = ((Map<?, ?>) provider.get("options")).get("path").toString();
        assertThat(mounts()).containsKey(inside);
        assertThat(ROOT.resolve(mounts().get(inside)).resolve(Dashboard.FILE.getFileName()))
                .hasSameBinaryContentAs(Dashboard.FILE);
    }

    @Test
    void theDashboardAsksTheDataSourceThatThereIs() throws IOException {
        Map<?, ?> source =
                only(yaml(PROVISIONING.resolve("datasources/prometheus.yml")).get("datasources"));
        assertThat(Dashboard.dataSources())
                .containsExactly(source.get("type") + " " + source.get("uid"));
    }

    @Test
    void theDataSourceIsAServiceThatGrafanaReaches() throws IOException {
        Map<?, ?> source =
                only(yaml(PROVISIONING.resolve("datasources/prometheus.yml")).get("datasources"));
        URI address = URI.create(source.get("url").toString());
        Map<String, Object> service = service(address.getHost());
        assertThat(service).isNotNull();
        assertThat(asObjects(service.get("networks")))
                .containsAnyElementsOf(asObjects(service("grafana").get("networks")));
        assertThat(service.get("ports").toString()).contains(":" + address.getPort());
    }

    @SuppressWarnings("unchecked")
    private static List<Object> asObjects(Object list) {
        return (List<Object>) list;
    }
}
