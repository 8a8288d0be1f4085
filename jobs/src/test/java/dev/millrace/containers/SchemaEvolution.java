package dev.millrace.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.cli.TestingCommand.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.testcontainers.containers.GenericContainer;

/** A topic whose schema changes while its records are scored: fields come, go and are widened. */
final class SchemaEvolution {
    private static final int PORT = 8080;
    private static final String API = "/apis/ccompat/v7";
    private static final String FIELDS =
            """
            {"name": "features", "type": {"type": "array", "items": "float"}}""";
    private static final List<String> VERSIONS =
            List.of(
                    record("{\"name\": \"id\", \"type\": \"int\"}," + FIELDS),
                    record(
                            FIELDS
                                    + ",{\"name\": \"id\", \"type\": \"long\"},{\"name\": \"note\", \"type\": \"string\", \"default\": \"\"}"),
                    record(
                            "{\"name\": \"note\", \"type\": \"string\", \"default\": \"\"},"
                                    + FIELDS));

    private final Cluster cluster;
    private final Path folder;
    private final String registry;

    SchemaEvolution(Cluster cluster, Path folder, Path model) throws IOException {
        this.cluster = cluster;
        this.folder = Files.createDirectories(folder.resolve("evolution"));
        Files.copy(model.resolve("fraud.onnx"), this.folder.resolve("fraud.onnx"));
        GenericContainer<?> container = cluster.start(Images.REGISTRY, "registry", PORT);
        registry = "http://localhost:" + container.getMappedPort(PORT) + API;
        cluster.await("schema registry", () -> get("/subjects").startsWith("["));
    }

    private static String record(String fields) {
        return "{\"type\": \"record\", \"name\": \"Payment\", \"fields\": [%s]}".formatted(fields);
    }

    void run() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("payments", 1, (short) 1))).all().get();
        }
        int first = register(VERSIONS.get(0));
        ContainersIT.send("payments", value(first, VERSIONS.get(0)));
        Outcome submitted = ContainersIT.job("submit", pipeline().toString());
        assertThat(submitted.err()).isEmpty();
        assertThat(submitted.exitCode()).isZero();
        awaitScored(1);
        for (String version : VERSIONS.subList(1, VERSIONS.size())) {
            int id = register(version);
            ContainersIT.send("payments", value(id, version), value(first, VERSIONS.get(0)));
        }
        awaitScored(1 + 2 * (VERSIONS.size() - 1));
        assertThat(cluster.committed("payments.dead-letters")).isZero();
        assertThat(ContainersIT.job("cancel", "evolution").exitCode()).isZero();
    }

    private void awaitScored(int records) {
        cluster.await(
                records + " scored records",
                () -> ScoredCount.of(cluster.bootstrapServers(), "payments.scored") == records);
    }

    private Path pipeline() throws IOException {
        return Files.writeString(
                folder.resolve("pipeline.yaml"),
                """
                pipeline: {name: evolution, parallelism: 1}
                checkpointing: {interval: 500 ms}
                kafka: {bootstrap-servers: 'kafka:9092'}
                registry: {url: 'http://registry:8080/apis/ccompat/v7'}
                source: {topics: payments, format: confluent, start: earliest}
                model: {file: fraud.onnx}
                features: [features]
                sink: {topic: payments.scored, format: confluent}
                dead-letters: {topic: payments.dead-letters}
                """);
    }

    private int register(String schema) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        String body = mapper.createObjectNode().put("schema", schema).toString();
        String answer =
                send(
                        HttpRequest.newBuilder(
                                        URI.create(registry + "/subjects/payments-value/versions"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build());
        assertThat(mapper.readTree(answer).path("id").asInt()).as(answer).isPositive();
        return mapper.readTree(answer).path("id").asInt();
    }

    private String get(String path) throws IOException {
        return send(HttpRequest.newBuilder(URI.create(registry + path)).build());
    }

    private static String send(HttpRequest request) throws IOException {
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString(UTF_8))
                    .body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** A record in the registry's framing, written with a schema. */
    private static byte[] value(int id, String json) throws IOException {
        Schema schema = new Schema.Parser().parse(json);
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            record.put(
                    field.name(),
                    switch (field.name()) {
                        case "id" ->
                                field.schema().getType() == Schema.Type.INT
                                        ? (Object) 7
                                        : (Object) 7L;
                        case "note" -> "a note";
                        default -> features();
                    });
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream framing = new DataOutputStream(bytes);
        framing.writeByte(0);
        framing.writeInt(id);
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static List<Float> features() {
        Float[] values = new Float[15];
        Arrays.setAll(values, i -> (float) i);
        return List.of(values);
    }
}
