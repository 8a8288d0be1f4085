package dev.millrace.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.job.config.ConfigException;
import dev.millrace.job.config.ConfigProblem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedPipelineTest {
    @TempDir private Path folder;

    private PreparedPipeline read(String more) throws Exception {
        return PreparedPipeline.read(TestingPipeline.write(folder, "localhost:9092", more));
    }

    @Test
    void runsHereWithTheEngineThatIsHere() throws Exception {
        PreparedPipeline pipeline = read("");

        pipeline.requireThisMachine();
        assertThat(pipeline.engineProblem()).isEmpty();
        assertThat(pipeline.slotMemory()).isEqualTo(new SlotMemory(4, 1024, 15 * 4 + 4));
        assertThat(pipeline.slotMemory().taskBytes()).isEqualTo(4 * 1024 * 64);
    }

    @Test
    void refusesAnEngineThatIsNotHereBeforeAJobStarts() throws Exception {
        PreparedPipeline pipeline = read("engine: {precision: bf16}\n");

        assertThatThrownBy(pipeline::requireThisMachine)
                .isInstanceOf(PipelineRefusedException.class)
                .hasMessageStartingWith("'engine.backend: auto' with 'precision: bf16'")
                .hasMessageContaining("onnxruntime");
    }

    @Test
    void refusesSlotsThatJavaMayNotAllocate() throws Exception {
        Path file =
                TestingPipeline.write(
                        folder,
                        "localhost:9092",
                        "batching: {max-batch-size: 1048576}\nengine: {slots: 64}\n");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("name: test\n", "name: test\n  parallelism: 1000\n"));
        PreparedPipeline pipeline = PreparedPipeline.read(file);

        assertThatThrownBy(pipeline::requireThisMachine)
                .isInstanceOf(PipelineRefusedException.class)
                .hasMessageContaining("64 slots of 1048576 records of 64 bytes take 4096 MiB")
                .hasMessageContaining("MaxDirectMemorySize");
    }

    @Test
    void namesTheLineOfAFileThatIsNotWhatItShouldBe() throws Exception {
        Path file = TestingPipeline.write(folder, "localhost:9092", "");
        Files.writeString(folder.resolve("payment.avsc"), "{");
        Files.writeString(folder.resolve("fraud.onnx"), "no model");
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> PreparedPipeline.read(file));

        assertThat(refused.problems()).extracting(ConfigProblem::line).containsExactly(10, 12);
        assertThat(refused.problems().get(0).message()).contains("is not an Avro schema");
        assertThat(refused.problems().get(1).message()).contains("is not an ONNX model");
    }

    @Test
    void namesTheLineOfASchemaThatIsNoRecordOrNoText() throws Exception {
        Path file = TestingPipeline.write(folder, "localhost:9092", "");
        Path schema = Files.writeString(folder.resolve("payment.avsc"), "\"string\"");
        ConfigProblem problem = onlyProblem(file);
        assertThat(problem.line()).isEqualTo(10);
        assertThat(problem.message())
                .isEqualTo(schema + " is the schema of type 'string'; values are records");

        Files.write(schema, new byte[] {(byte) 0xC3, 0x28, 0, 1});
        assertThat(onlyProblem(file).message()).startsWith(schema + " is not an Avro schema");
    }

    private static ConfigProblem onlyProblem(Path file) {
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> PreparedPipeline.read(file));
        assertThat(refused.problems()).hasSize(1);
        return refused.problems().get(0);
    }
}
