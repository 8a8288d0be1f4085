package dev.millrace.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.millrace.job.PreparedPipeline;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code deploy/kubernetes} gives to a cluster is what the operator's own schema knows. */
class KubernetesManifestsTest {
    private static final Path OVERLAYS = Path.of("..", "deploy", "kubernetes", "overlays");
    private static final Path IMAGE = Path.of("..", "docker", "flink");
    private static final Path DEMO = Path.of("src/main/resources/dev/millrace/demo");
    private static final String SCHEMA =
            "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";
    private static final YAMLMapper YAML = new YAMLMapper();

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void operatorKnowsEveryField(String overlay) throws Exception {
        ObjectNode deployment = (ObjectNode) rendered(overlay, "FlinkDeployment");
        // The schema of the newest release that Maven has ends before Flink 2.2; that of the
        // operator's releases 1.13 to 1.15 ends with it.
        ObjectNode spec = (ObjectNode) deployment.get("spec");
        assertThat(spec.get("flinkVersion").asText()).isEqualTo("v2_2");
        spec.put("flinkVersion", "v1_20");

        assertThat(schema().validate(deployment)).isEmpty();
        ((ObjectNode) spec.at("/job")).put("upgradeMod", "savepoint");
        assertThat(schema().validate(deployment)).singleElement().asString().contains("upgradeMod");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void jobIsOurs(String overlay) throws Exception {
        JsonNode spec = rendered(overlay, "FlinkDeployment").get("spec");

        assertThat(spec.get("image").asText())
                .matches("cpu".equals(overlay) ? "millrace:[0-9.]+" : "millrace:[0-9.]+-gpu");
        String entryClass = spec.at("/job/entryClass").asText();
        assertThat(Class.forName(entryClass).getMethod("main", String[].class)).isNotNull();
        int slots = spec.at("/flinkConfiguration/taskmanager.numberOfTaskSlots").asInt();
        assertThat(spec.at("/job/parallelism").asInt()).isPositive().isLessThanOrEqualTo(slots);
        assertThat(spec.at("/podTemplate/spec/volumes/0/configMap/name").asText())
                .isEqualTo(rendered(overlay, "ConfigMap").at("/metadata/name").asText());
        assertThat(spec.at("/flinkConfiguration/external-resource.gpu.amount").asInt())
                .isEqualTo("gpu".equals(overlay) ? 1 : 0);
    }

    /** The operator's configuration takes the place of the image's. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void reportsAndLogsAsTheImageDoes(String overlay) throws Exception {
        JsonNode spec = rendered(overlay, "FlinkDeployment").get("spec");

        assertThat(spec.get("logConfiguration").path("log4j-console.properties").asText())
                .isEqualTo(Files.readString(IMAGE.resolve("log4j-console.properties")));
        assertThat(spec.at("/podTemplate/spec/containers/0/env").valueStream())
                .anySatisfy(
                        variable -> {
                            assertThat(variable.get("name").asText())
                                    .isEqualTo("MILLRACE_LOG_FORMAT");
                            assertThat(variable.get("value").asText()).isEqualTo("json");
                        });
        assertThat(metrics(spec.get("flinkConfiguration")))
                .containsKey("metrics.reporters")
                .isEqualTo(metrics(YAML.readTree(IMAGE.resolve("config.yaml").toFile())));
    }

    private static Map<String, String> metrics(JsonNode configuration) {
        return configuration
                .propertyStream()
                .filter(property -> property.getKey().startsWith("metrics."))
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey, property -> property.getValue().asText()));
    }

    @Test
    void namesFollowAnOverlayOfYours() throws Exception {
        Path yours = folder.toRealPath();
        Files.writeString(
                yours.resolve("kustomization.yaml"),
                """
                namePrefix: eu-
                namespace: payments
                resources: [%s]
                """
                        .formatted(yours.relativize(OVERLAYS.resolve("cpu").toRealPath())));

        JsonNode account = rendered(yours, "ServiceAccount").get("metadata");
        assertThat(account.get("name").asText()).isEqualTo("eu-card-fraud");
        JsonNode deployment = rendered(yours, "FlinkDeployment");
        assertThat(deployment.at("/spec/serviceAccount")).isEqualTo(account.get("name"));
        JsonNode binding = rendered(yours, "RoleBinding");
        assertThat(binding.at("/subjects/0/name")).isEqualTo(account.get("name"));
        assertThat(binding.at("/subjects/0/namespace").asText()).isEqualTo("payments");
        assertThat(account.get("namespace").asText()).isEqualTo("payments");
        assertThat(binding.at("/roleRef/name"))
                .isEqualTo(rendered(yours, "Role").at("/metadata/name"));
        JsonNode policy = rendered(yours, "NetworkPolicy").get("spec");
        assertThat(policy.at("/podSelector/matchLabels/app"))
                .isEqualTo(policy.at("/ingress/0/from/0/podSelector/matchLabels/app"))
                .isEqualTo(deployment.at("/metadata/name"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void pipelineFitsItsModelAndSchema(String overlay) throws Exception {
        Files.writeString(folder.resolve("sasl.jaas.config"), "a secret");
        String pipeline =
                rendered(overlay, "ConfigMap")
                        .at("/data/pipeline.yaml")
                        .asText()
                        .replace("/etc/millrace/kafka", folder.toString())
                        .replace("/opt/millrace/fraud", DEMO.toAbsolutePath().toString());
        Path file = Files.writeString(folder.resolve("pipeline.yaml"), pipeline);

        assertThat(PreparedPipeline.read(file).config().name()).isEqualTo("card-fraud");
    }

    /** The one object of a kind that an overlay renders. */
    private static JsonNode rendered(String overlay, String kind) throws Exception {
        return rendered(OVERLAYS.resolve(overlay), kind);
    }

    private static JsonNode rendered(Path overlay, String kind) throws Exception {
        requireKustomize();
        String yaml = kubectl("kustomize", overlay.toString());
        List<JsonNode> objects =
                YAML.readerFor(JsonNode.class).<JsonNode>readValues(yaml).readAll().stream()
                        .filter(object -> object.get("kind").asText().equals(kind))
                        .toList();
        assertThat(objects).hasSize(1);
        return objects.get(0);
    }

    /** Older ones know less of a kustomization. */
    private static void requireKustomize() throws Exception {
        String version;
        try {
            version = kubectl("version", "--client");
        } catch (IOException e) {
            assumeTrue(false, "kubectl is not installed: " + e.getMessage());
            throw e;
        }
        assumeTrue(
                version.matches("(?s).*Kustomize Version: v([5-9]|\\d\\d).*"),
                "kubectl is older than 1.27, which brought Kustomize 5");
    }

    private static String kubectl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kubectl"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as("exit code of %s", command).isZero();
        return output;
    }

    private static JsonSchema schema() throws IOException {
        try (InputStream definition = KubernetesManifestsTest.class.getResourceAsStream(SCHEMA)) {
            JsonNode schema =
                    YAML.readTree(Objects.requireNonNull(definition))
                            .at("/spec/versions/0/schema/openAPIV3Schema");
            closeObjects(schema);
            ((ObjectNode) schema.get("properties"))
                    .putObject("apiVersion")
                    .put("const", "flink.apache.org/v1beta1");
            ((ObjectNode) schema.get("properties")).putObject("kind").put("type", "string");
            ((ObjectNode) schema.get("properties")).putObject("metadata").put("type", "object");
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema);
        }
    }

    /** A cluster drops fields that a schema does not name; here they are errors. */
    private static void closeObjects(JsonNode schema) {
        if (schema.has("properties")
                && !schema.has("additionalProperties")
                && !schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
        schema.forEach(KubernetesManifestsTest::closeObjects);
    }
}
