package dev.millrace.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.millrace.gpu.cuda.driver.NativeLibraries;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process meets at its start: no driver, no compiler, others beside it. */
@Timeout(120)
class CudaProcessesIT {
    private static final String FINGERPRINT = " scores ";

    @TempDir private Path folder;
    private Path standin;

    @BeforeEach
    void standin() {
        standin = StandinDriver.install();
    }

    /** A JVM that is running; its output goes to a file. */
    private record Child(Process process, Path output) {
        List<String> await() throws IOException, InterruptedException {
            try {
                assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("ends in time").isTrue();
                assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            } finally {
                process.destroyForcibly();
            }
            return Files.readAllLines(output);
        }
    }

    private Child start(String backend, Path libraries, int loaders, String... environment)
            throws IOException {
        List<String> arguments =
                List.of(backend, folder.resolve("kernels").toString(), Integer.toString(loaders));
        return start(TestingProcess.class, libraries, arguments, environment);
    }

    private Child start(
            Class<?> program, Path libraries, List<String> arguments, String... environment)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Djava.io.tmpdir=" + folder);
        command.add("-D" + NativeLibraries.LIBRARY_PATH_PROPERTY + "=" + libraries);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(arguments);
        Path output = Files.createTempFile(folder, "child", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        for (String variable : environment) {
            int equals = variable.indexOf('=');
            builder.environment()
                    .put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return new Child(builder.start(), output);
    }

    private static String lineWith(List<String> lines, String part) {
        return lines.stream()
                .filter(line -> line.contains(part))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No '" + part + "' in " + lines));
    }

    private static String fingerprint(List<String> lines) {
        String line = lineWith(lines, FINGERPRINT);
        return line.substring(line.indexOf(FINGERPRINT));
    }

    /** A folder with only some of the stand-in's libraries. */
    private Path only(String... files) throws IOException {
        Path part = Files.createTempDirectory(folder, "libraries");
        for (String file : files) {
            Files.copy(standin.resolve(file), part.resolve(file));
        }
        return part;
    }

    @Test
    void autoTakesTheDeviceAndScoresAsTheCpuDoes() throws Exception {
        List<String> device = start("auto", standin, 0).await();
        List<String> cpu = start("cpu", standin, 0).await();
        assertThat(lineWith(device, FINGERPRINT))
                .startsWith("cuda on stand-in (no GPU), compute capability 8.0")
                .contains("exactness portable");
        assertThat(lineWith(cpu, FINGERPRINT)).startsWith("cpu on ");
        assertThat(fingerprint(device)).isEqualTo(fingerprint(cpu));
    }

    @Test
    void autoSaysThatThereIsNoDriver() throws Exception {
        assumeFalse(isInstalled("libcuda.so.1"), "SKIPPED: this machine has an NVIDIA driver");
        List<String> lines = start("auto", only("libnvrtc.so.12"), 0).await();
        assertThat(lineWith(lines, FINGERPRINT))
                .startsWith("cpu on ")
                .contains("not cuda (No NVIDIA driver: libcuda.so.1 is neither in")
                .contains("install the driver");
    }

    /** Else every job that ended would leave its classes in the TaskManager. */
    @Test
    void aDriverThatIsMissingDoesNotHoldTheClassesOfWhoeverAsked() throws Exception {
        assumeFalse(isInstalled("libcuda.so.1"), "SKIPPED: this machine has an NVIDIA driver");
        List<String> lines = start(TestingCaller.class, only("libnvrtc.so.12"), List.of()).await();
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).startsWith("No NVIDIA driver"))
                .contains(TestingCaller.DROPPED);
    }

    private static boolean isInstalled(String library) {
        return Stream.of(
                        "/usr/lib/x86_64-linux-gnu",
                        "/usr/lib64",
                        "/usr/local/nvidia/lib64",
                        "/usr/local/cuda/lib64",
                        "/usr/local/cuda-12/lib64")
                .anyMatch(place -> Files.exists(Path.of(place, library)));
    }

    @Test
    void autoSaysThatTheCompilerIsMissing() throws Exception {
        assumeFalse(isInstalled("libnvrtc.so.12"), "SKIPPED: this machine has NVRTC");
        List<String> lines = start("auto", only("libcuda.so.1"), 0).await();
        assertThat(lineWith(lines, FINGERPRINT))
                .startsWith("cpu on ")
                .contains("not cuda (No CUDA compiler: libnvrtc.so.12 is neither in")
                .contains("put libnvrtc.so.12 and libnvrtc-builtins.so.12.* of CUDA 12 there");
    }

    @Test
    void autoSaysThatTheCompilersBuiltinsAreMissing() throws Exception {
        List<String> lines = start("auto", standin, 0, "STANDIN_NO_BUILTINS=1").await();
        assertThat(lineWith(lines, FINGERPRINT))
                .startsWith("cpu on ")
                .contains("loads but compiles nothing; put libnvrtc-builtins.so.12.*");
    }

    @Test
    void autoSaysThatTheDriverIsTooOldOrSeesNoDevice() throws Exception {
        Child old = start("auto", standin, 0, "STANDIN_FAULTS=driver=11080");
        Child none = start("auto", standin, 0, "STANDIN_FAULTS=devices=0");
        assertThat(lineWith(old.await(), FINGERPRINT))
                .startsWith("cpu on ")
                .contains("too old: it serves CUDA 11.8, Millrace needs 12.0");
        assertThat(lineWith(none.await(), FINGERPRINT))
                .startsWith("cpu on ")
                .contains("found no usable device");
    }

    @Test
    void refusesWhenCudaWasAskedForByName() throws Exception {
        List<String> lines = start("cuda", standin, 0, "STANDIN_FAULTS=devices=0").await();
        assertThat(lineWith(lines, "refused"))
                .contains("No engine can score model")
                .contains("found no usable device");
    }

    @Test
    void fourProcessesStartAtOnce() throws Exception {
        List<Child> children = new ArrayList<>();
        for (int child = 0; child < 4; child++) {
            children.add(start("cuda", standin, 0));
        }
        List<String> fingerprints = new ArrayList<>();
        for (Child child : children) {
            fingerprints.add(fingerprint(child.await()));
        }
        assertThat(fingerprints).hasSize(4).containsOnly(fingerprints.get(0));
        assertThat(folder.toFile().listFiles(CudaProcessesIT::isExtracted)).isEmpty();
    }

    private static boolean isExtracted(File file) {
        return file.getName().startsWith("millrace-natives");
    }

    @Test
    void twoClassLoadersShareADeviceAndItsWeights() throws Exception {
        List<String> lines = start("cuda", standin, 2).await();
        List<String> fingerprints =
                lines.stream().filter(line -> line.contains(FINGERPRINT)).toList();
        assertThat(fingerprints).hasSize(3).containsOnly(fingerprints.get(0));
        assertThat(lines).contains("weights held by 2");
    }
}
