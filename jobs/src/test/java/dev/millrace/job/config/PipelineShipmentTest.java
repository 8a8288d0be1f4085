package dev.millrace.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineShipmentTest {
    private static final String YAML =
            """
            # Zahlungen \uD83D\uDCB3
            pipeline: {name: payments, parallelism: 2}
            kafka:
              bootstrap-servers: broker:9092
              properties:
                sasl.jaas.config: ${SECRET}
            source:
              topics: in
              format: avro
              schema-file: ${SCHEMAS}/a.avsc   # where it is
            model:
              file: 'm.onnx'
            sink: {topic: out}
            """;

    @TempDir private Path folder;

    @Test
    void filesGetPathsInsideAndSecretsStayPlaceholders() throws Exception {
        PipelineShipment shipment = shipment(OptionalInt.empty());
        assertThat(shipment.name()).isEqualTo("payments");
        assertThat(shipment.parallelism()).hasValue(2);
        assertThat(shipment.files())
                .containsExactly(
                        Map.entry("files/0/a.avsc", folder.resolve("a.avsc")),
                        Map.entry("files/1/m.onnx", folder.resolve("m.onnx")));
        assertThat(shipment.yaml())
                .isEqualTo(
                        YAML.replace("${SCHEMAS}/a.avsc", "\"files/0/a.avsc\"")
                                .replace("'m.onnx'", "\"files/1/m.onnx\""))
                .contains("${SECRET}");
    }

    @Test
    void parallelismTakesThePlaceOfThePipelines() throws Exception {
        PipelineShipment shipment = shipment(OptionalInt.of(7));
        assertThat(shipment.parallelism()).hasValue(7);
        assertThat(shipment.yaml()).contains("{name: payments, parallelism: 7}");
    }

    @Test
    void missingFileIsNamed() throws Exception {
        Files.delete(write("m.onnx"));
        write("a.avsc");
        assertThatThrownBy(() -> of(YAML, OptionalInt.empty()))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("m.onnx");
    }

    @Test
    void unknownKeyIsRefusedBeforeAnythingTravels() throws Exception {
        write("m.onnx");
        write("a.avsc");
        assertThatThrownBy(() -> of(YAML + "snik: {}\n", OptionalInt.empty()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("unknown key 'snik'");
    }

    @Test
    void whatIsNoPipelineIsRefused() {
        assertThatThrownBy(() -> of("- a\n", OptionalInt.empty()))
                .isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> of("", OptionalInt.empty())).isInstanceOf(ConfigException.class);
    }

    private PipelineShipment shipment(OptionalInt parallelism) throws Exception {
        write("m.onnx");
        write("a.avsc");
        return of(YAML, parallelism);
    }

    private PipelineShipment of(String yaml, OptionalInt parallelism) throws Exception {
        return PipelineShipment.of(
                folder.resolve("p.yaml"), yaml, parallelism, Map.of("SCHEMAS", folder.toString()));
    }

    private Path write(String name) throws Exception {
        return Files.writeString(folder.resolve(name), name);
    }
}
