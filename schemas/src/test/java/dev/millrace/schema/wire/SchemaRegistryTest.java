package dev.millrace.schema.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.schema.RecordDecodingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaRegistryTest {
    private static final Schema CARD =
            SchemaBuilder.record("Card")
                    .namespace("shop")
                    .fields()
                    .requiredDouble("limit")
                    .endRecord();

    private TestingSchemaRegistry server;

    @BeforeEach
    void start() throws IOException {
        server = new TestingSchemaRegistry();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void asksForAnIdOnce() throws RecordDecodingException {
        server.put(7, CARD);
        SchemaRegistry registry = new SchemaRegistry(server.options());
        assertThat(registry.byId(7)).isEqualTo(CARD);
        assertThat(registry.byId(7)).isEqualTo(CARD);
        assertThat(server.requests).containsExactly("GET /schemas/ids/7");
    }

    @Test
    void anUnknownIdIsTheRecordsFault() {
        assertThatThrownBy(() -> new SchemaRegistry(server.options()).byId(8))
                .isInstanceOfSatisfying(
                        RecordDecodingException.class,
                        e ->
                                assertThat(e.kind())
                                        .isEqualTo(RecordDecodingException.Kind.UNKNOWN_SCHEMA))
                .hasMessageContaining("id 8");
    }

    @Test
    void aSchemaThatIsNotAvroIsTheRecordsFault() {
        server.put(
                9,
                new ObjectMapper()
                        .createObjectNode()
                        .put("schemaType", "PROTOBUF")
                        .put("schema", "message A {}"));
        assertThatThrownBy(() -> new SchemaRegistry(server.options()).byId(9))
                .isInstanceOf(RecordDecodingException.class)
                .hasMessageContaining("PROTOBUF");
    }

    @Test
    void triesAgainAfterFailuresThatMayPass() throws RecordDecodingException {
        server.put(7, CARD);
        server.failures.add(503);
        server.failures.add(500);
        server.failures.add(429);
        assertThat(new SchemaRegistry(server.options()).byId(7)).isEqualTo(CARD);
        assertThat(server.requests).hasSize(4);
    }

    @Test
    void givesUpAfterAllRetriesAndSaysSo() {
        for (int i = 0; i < 20; i++) {
            server.failures.add(503);
        }
        assertThatThrownBy(() -> new SchemaRegistry(server.options()).byId(7))
                .isInstanceOf(SchemaRegistryUnavailableException.class)
                .hasMessageContaining("failed 6 times")
                .hasMessageContaining("/schemas/ids/7")
                .hasMessageContaining("HTTP 503");
        assertThat(server.requests).hasSize(6);
    }

    @Test
    void anUnreachableRegistryIsNoFaultOfTheRecord() {
        SchemaRegistryOptions options = server.options();
        server.close();
        assertThatThrownBy(() -> new SchemaRegistry(options).byId(7))
                .isInstanceOf(SchemaRegistryUnavailableException.class)
                .hasMessageContaining("ConnectException");
    }

    @Test
    void asksTheNextAddressWhereOneFails() throws RecordDecodingException, IOException {
        server.put(7, CARD);
        String dead;
        try (TestingSchemaRegistry other = new TestingSchemaRegistry()) {
            dead = other.url();
        }
        SchemaRegistry registry =
                new SchemaRegistry(
                        new SchemaRegistryOptions(
                                Map.of(
                                        SchemaRegistryOptions.URL,
                                        dead + ", " + server.url() + "/",
                                        SchemaRegistryOptions.RETRY_BACKOFF_MS,
                                        "0")));
        assertThat(registry.byId(7)).isEqualTo(CARD);
    }

    @Test
    void anAnswerThatIsNoRegistrysIsNotTakenForAnUnknownId() {
        server.failures.add(404);
        assertThatThrownBy(() -> new SchemaRegistry(server.options()).byId(7))
                .isInstanceOf(SchemaRegistryUnavailableException.class)
                .hasMessageContaining("schema.registry.url");
    }

    @Test
    void doesNotRepeatCredentialsThatWereRefused() {
        server.failures.add(401);
        assertThatThrownBy(() -> new SchemaRegistry(server.options()).byId(7))
                .isInstanceOf(SchemaRegistryUnavailableException.class)
                .hasMessageContaining("basic.auth.user.info");
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void sendsCredentialsAndShowsThemNowhere() throws RecordDecodingException {
        server.put(7, CARD);
        SchemaRegistryOptions options = with(SchemaRegistryOptions.BASIC_AUTH, "ada:secret");
        new SchemaRegistry(options).byId(7);
        assertThat(server.authorizations).containsExactly("Basic YWRhOnNlY3JldA==");
        assertThat(options.toString()).doesNotContain("secret");
        new SchemaRegistry(with(SchemaRegistryOptions.BEARER_TOKEN, "abc")).byId(7);
        assertThat(server.authorizations).endsWith("Bearer abc");
    }

    @Test
    void takesNoCredentialsAlongToAnotherServer() throws Exception {
        try (TestingSchemaRegistry other = new TestingSchemaRegistry()) {
            other.put(7, CARD);
            server.elsewhere = other.url();
            SchemaRegistry registry =
                    new SchemaRegistry(with(SchemaRegistryOptions.BASIC_AUTH, "ada:secret"));
            assertThatThrownBy(() -> registry.byId(7))
                    .isInstanceOf(SchemaRegistryUnavailableException.class)
                    .hasMessageContaining("HTTP 307 from " + server.url())
                    .hasMessageContaining("sends on to " + other.url())
                    .hasMessageContaining("schema.registry.url");
            assertThat(server.authorizations).hasSize(1);
            assertThat(other.requests).isEmpty();

            // Nothing that could be given away.
            assertThat(new SchemaRegistry(server.options()).byId(7)).isEqualTo(CARD);
            assertThat(other.authorizations).containsExactly("");
        }
    }

    @Test
    void followsReferences() throws RecordDecodingException {
        server.put("card-value", 6, CARD);
        String payment =
                "{'type':'record','name':'Payment','namespace':'shop','fields':[{'name':'card','type':'Card'}]}"
                        .replace('\'', '"');
        Schema reference = Schema.create(Schema.Type.STRING);
        server.put(
                7,
                TestingSchemaRegistry.answer(reference, "shop.Card", "card-value", 1)
                        .put("schema", payment));
        Schema schema = new SchemaRegistry(server.options()).byId(7);
        assertThat(schema.getField("card").schema()).isEqualTo(CARD);
    }

    @Test
    void findsTheNewestSchemaOfASubject() {
        server.put("a/b value", 3, Schema.create(Schema.Type.INT));
        server.put("a/b value", 4, CARD);
        SchemaRegistry registry = new SchemaRegistry(server.options());
        assertThat(registry.latest("a/b value"))
                .contains(new SchemaRegistry.Registered("a/b value", 2, 4, CARD));
        assertThat(registry.latest("nobody")).isEqualTo(Optional.empty());
    }

    @Test
    void registersASchema() throws RecordDecodingException {
        SchemaRegistry registry = new SchemaRegistry(server.options());
        int id = registry.register("cards-value", CARD);
        assertThat(registry.register("cards-value", CARD)).isEqualTo(id);
        assertThat(new SchemaRegistry(server.options()).byId(id)).isEqualTo(CARD);
        Schema incompatible = SchemaBuilder.record("incompatible").fields().endRecord();
        assertThatThrownBy(() -> registry.register("cards-value", incompatible))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is incompatible");
    }

    @Test
    void refusesOptionsThatSayNothing() {
        assertThatThrownBy(() -> with("schema.registry.urls", "x"))
                .hasMessageContaining("did you mean 'schema.registry.url'?");
        assertThatThrownBy(() -> new SchemaRegistryOptions(Map.of()))
                .hasMessageContaining("http://registry:8081");
        assertThatThrownBy(() -> with(SchemaRegistryOptions.RETRIES, "many"))
                .hasMessageContaining("'many' is not a whole number");
        assertThatThrownBy(() -> with(SchemaRegistryOptions.TRUSTSTORE_PASSWORD, "x"))
                .hasMessageContaining("no effect without schema.registry.ssl.truststore.location");
        assertThatThrownBy(() -> with(SchemaRegistryOptions.URL, "http://ada:secret@registry:8081"))
                .hasMessageContaining("basic.auth.user.info")
                .hasMessageNotContaining("secret");
    }

    @Test
    void speaksTlsToARegistryItTrusts(@TempDir Path directory) throws Exception {
        Path store = directory.resolve("registry.p12");
        createCertificate(store);
        try (TestingSchemaRegistry secure = TestingSchemaRegistry.https(serverContext(store))) {
            secure.put(7, CARD);
            Map<String, String> properties = new HashMap<>();
            properties.put(SchemaRegistryOptions.URL, secure.url());
            properties.put(SchemaRegistryOptions.RETRIES, "0");
            SchemaRegistryOptions stranger = new SchemaRegistryOptions(properties);
            assertThatThrownBy(() -> new SchemaRegistry(stranger).byId(7))
                    .isInstanceOf(SchemaRegistryUnavailableException.class)
                    .hasMessageContaining("SSL");

            properties.put(SchemaRegistryOptions.TRUSTSTORE, store.toString());
            properties.put(SchemaRegistryOptions.TRUSTSTORE_PASSWORD, "changeit");
            SchemaRegistryOptions friend = new SchemaRegistryOptions(properties);
            assertThat(new SchemaRegistry(friend).byId(7)).isEqualTo(CARD);
        }
    }

    private SchemaRegistryOptions with(String name, String value) {
        Map<String, String> properties = new HashMap<>();
        properties.put(SchemaRegistryOptions.URL, server.url());
        properties.put(name, value);
        return new SchemaRegistryOptions(properties);
    }

    private static void createCertificate(Path store) throws Exception {
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "registry",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "SAN=dns:localhost",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                "changeit",
                                "-keystore",
                                store.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
    }

    private static SSLContext serverContext(Path store) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }
}
