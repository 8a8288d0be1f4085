package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.cli.TestingCommand.Outcome;
import dev.millrace.gpu.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandTest {
    @TempDir private Path folder;
    private Path model;

    @BeforeEach
    void writeAModel() throws IOException {
        model = folder.resolve("fraud.onnx");
        Files.write(model, TestModels.treeClassifier(5, 4, 3).content());
    }

    @Test
    void inspectShowsTensorsOperatorsAndEngines() {
        Outcome outcome = TestingCommand.run("model", "inspect", model.toString());

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out())
                .contains("features", "float32[5]", "ok, fraud")
                .contains("1  ai.onnx.ml.TreeEnsembleClassifier")
                .contains("FLOPs per record")
                .containsPattern("cpu +portable")
                .contains("engine: auto takes cpu");
    }

    @Test
    void inspectWritesJson() throws IOException {
        Outcome outcome =
                TestingCommand.run("model", "inspect", "--output", "json", model.toString());
        JsonNode root = new ObjectMapper().readTree(outcome.out());

        assertThat(root.get("auto").asText()).isEqualTo("cpu");
        assertThat(root.get("inputs").get(0).get("shape").get(0).asInt()).isEqualTo(5);
        assertThat(root.get("operators").get("ai.onnx.ml.ZipMap").asInt()).isEqualTo(1);
        assertThat(root.get("flopsPerRecord").asLong()).isPositive();
    }

    @Test
    void checkKeepsItsPromises() {
        Outcome outcome =
                TestingCommand.run("model", "check", "--max-batch-size", "33", model.toString());

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out())
                .containsPattern("ok +cpu +another order of records +bits equal")
                .contains("cpu, onnxruntime")
                .contains(" 0 broken (seed 1)");
    }

    @Test
    void benchTimesTheEnginesAskedFor() {
        Outcome outcome =
                TestingCommand.run(
                        "model",
                        "bench",
                        "--engine",
                        "cpu",
                        "--batch-sizes",
                        "1,32",
                        "--seconds",
                        "0.02",
                        model.toString());

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out())
                .contains("records/s", "of copy limit")
                .containsPattern("cpu +32 +[0-9,]+ +[0-9.]+")
                .doesNotContain("onnxruntime");
    }

    @Test
    void conformanceCountsAndFailsNothing() throws IOException {
        Files.createDirectories(folder.resolve("test_data_set_0"));
        Files.write(folder.resolve("test_data_set_0").resolve("output_0.pb"), new byte[0]);
        Outcome outcome = TestingCommand.run("model", "conformance", folder.toString());

        assertThat(outcome.out()).contains("refused").endsWith("0 passed, 0 failed, 1 refused\n");
        assertThat(outcome.exitCode()).isZero();
    }

    @Test
    void wrongUsageIsTwoAndSaysWhatThereIs() {
        assertThat(TestingCommand.run("model").exitCode()).isEqualTo(2);
        Outcome engine =
                TestingCommand.run("model", "conformance", "--engine", "gpu", folder.toString());
        assertThat(engine.exitCode()).isEqualTo(2);
        assertThat(engine.err()).contains("No engine is called 'gpu'", "cpu", "onnxruntime");
        assertThat(TestingCommand.run("model", "check", "--max-batch-size", "0", "x").exitCode())
                .isEqualTo(2);
    }

    @Test
    void whatIsNoModelFailsWithAReason() throws IOException {
        Path text = folder.resolve("text.onnx");
        Files.writeString(text, "not a model");
        for (String command : new String[] {"inspect", "check", "bench"}) {
            Outcome outcome = TestingCommand.run("model", command, text.toString());
            assertThat(outcome.exitCode()).as(command).isEqualTo(1);
            assertThat(outcome.err() + outcome.out())
                    .as(command)
                    .contains("text.onnx", "is not an ONNX model")
                    .doesNotContain("\tat ");
        }
        Outcome missing = TestingCommand.run("model", "inspect", folder.resolve("no").toString());
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains("there is no file");
    }
}
