package dev.millrace.gpu.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.cuda.StandinDriver;
import dev.millrace.gpu.cuda.driver.NativeLibraries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rehearsal of what {@code scripts/gpu-check} does on a machine with a GPU. */
class GpuCheckIT {
    @TempDir private Path folder;

    @Test
    void measuresAndSoaksAndSaysThatThisIsNoGpu() throws Exception {
        Path torch = folder.resolve("torch");
        Files.writeString(
                torch,
                """
                PyTorch of a test
                mlp 30-64-32-1\t16\teager\t1.0\t1.0
                mlp 30-64-32-1\t16\tcompiled\t1000000000000.0\t1.0
                """);
        String said =
                run(
                        "parts=bench,soak",
                        "quick=true",
                        "soak=2",
                        "torch=" + torch,
                        "results=" + folder);
        assertThat(said)
                .contains("copy limit: ")
                .contains("| trees 100 1000 8 | 256 |")
                .contains("times the speed of compiled PyTorch")
                .contains("soak: every score was right")
                .contains("a rehearsal, no GPU's figures");
        String json = Files.readString(onlyResult());
        assertThat(json)
                .contains("\"standIn\": true")
                .contains("\"timesPyTorchEager\"")
                .contains("\"timesPyTorchCompiled\"")
                .contains("\"about\": \"PyTorch of a test\"")
                .contains("\"ok\": true");
    }

    private Path onlyResult() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> results =
                    files.filter(file -> file.getFileName().toString().startsWith("rehearsal-"))
                            .toList();
            assertThat(results).hasSize(1);
            return results.get(0);
        }
    }

    private String run(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-D"
                                        + NativeLibraries.LIBRARY_PATH_PROPERTY
                                        + "="
                                        + StandinDriver.install(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                GpuCheck.class.getName()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ends in time").isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(output);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
