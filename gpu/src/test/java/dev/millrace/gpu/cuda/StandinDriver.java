package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import dev.millrace.gpu.cuda.driver.NativeLibraries;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Assumptions;

/**
 * The stand-in for the NVIDIA driver and NVRTC, for this process. The production code runs
 * unchanged on it; tests steer its faults and read its counters here.
 *
 * <p>{@link #install()} has to come before anything asks for a CUDA device: a JVM tries to load the
 * driver once. Where g++ or x86-64 Linux is missing, the calling test is skipped.
 */
public final class StandinDriver {
    private static final List<String> SOURCES =
            List.of(
                    "build.sh",
                    "driver/device.cpp",
                    "driver/memory.cpp",
                    "driver/module.cpp",
                    "driver/scheduler.cpp",
                    "driver/standin.h",
                    "driver/stream.cpp",
                    "emulation/cuda_emulation.h",
                    "emulation/module_abi.h",
                    "nvml/nvml.cpp",
                    "nvrtc/nvrtc.cpp",
                    "nvrtc/nvrtc.map");
    private static final int COUNTERS = 1_000_000;

    private static Path folder;

    private StandinDriver() {}

    /** What the stand-in counts, in the order of its enum Counter. */
    public enum Counter {
        DEVICE_ALLOCATIONS,
        DEVICE_BYTES,
        PINNED_ALLOCATIONS,
        PINNED_BYTES,
        STREAMS,
        EVENTS,
        MODULES,
        GRAPHS,
        GRAPH_EXECUTABLES,
        LAUNCHES,
        GRAPH_LAUNCHES,
        H2D_BYTES,
        D2H_BYTES,
        PAGEABLE_COPIES,
        GUARD_VIOLATIONS,
        LOST_WITH_CONTEXT,
        CALLS_AFTER_FATAL;

        /** The counters of what is alive: zero when everything was given back. */
        public static final List<Counter> LIVE =
                List.of(
                        DEVICE_ALLOCATIONS,
                        DEVICE_BYTES,
                        PINNED_ALLOCATIONS,
                        PINNED_BYTES,
                        STREAMS,
                        EVENTS,
                        MODULES,
                        GRAPHS,
                        GRAPH_EXECUTABLES);
    }

    /** Builds the libraries if need be and makes this process use them. Returns their folder. */
    public static synchronized Path install() {
        if (folder == null) {
            Assumptions.assumeTrue(
                    canBuild(), "SKIPPED: the stand-in driver needs g++ on x86-64 Linux");
            folder = build();
            System.setProperty(NativeLibraries.LIBRARY_PATH_PROPERTY, folder.toString());
        }
        return folder;
    }

    /** Installs and initialises the stand-in, with no faults. */
    public static void start() throws CudaUnavailableException {
        install();
        NativeLibraries.loadDriver();
        faults("reset");
        CudaContext.examine(0);
    }

    /** How much is alive: zero when everything was given back. Checks memory and copies, too. */
    public static long held() {
        if (counter(Counter.GUARD_VIOLATIONS) + counter(Counter.PAGEABLE_COPIES) != 0) {
            throw new AssertionError(
                    "Written outside an allocation, or copied from pageable memory");
        }
        return Counter.LIVE.stream().mapToLong(StandinDriver::counter).sum();
    }

    private static boolean canBuild() {
        return System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64")
                && Files.isExecutable(Path.of("/usr/bin/g++"));
    }

    private static Path build() {
        try {
            Path base = Files.createDirectories(Path.of("target").toAbsolutePath());
            Path built = base.resolve("standin-" + fingerprint());
            try (FileChannel channel =
                            FileChannel.open(
                                    base.resolve("standin.lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !Files.exists(built)) {
                    buildInto(base, built);
                }
            }
            return built;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void buildInto(Path base, Path built) throws IOException {
        Path sources = Files.createTempDirectory(base, "standin-sources");
        for (String source : SOURCES) {
            Path file = sources.resolve(source);
            Files.createDirectories(file.getParent());
            try (InputStream resource = resource(source)) {
                Files.copy(resource, file, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path fresh = base.resolve(sources.getFileName() + "-out");
        run(List.of("bash", sources.resolve("build.sh").toString(), fresh.toString()));
        Files.move(fresh, built, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void run(List<String> command) throws IOException {
        Path log = Files.createTempFile("standin-build", ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "Building the stand-in driver failed:\n" + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static InputStream resource(String source) {
        InputStream stream = StandinDriver.class.getResourceAsStream("/standin/" + source);
        if (stream == null) {
            throw new IllegalStateException("No test resource standin/" + source);
        }
        return stream;
    }

    private static String fingerprint() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String source : SOURCES) {
                digest.update(source.getBytes(StandardCharsets.UTF_8));
                try (InputStream resource = resource(source)) {
                    digest.update(resource.readAllBytes());
                }
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Makes things go wrong: {@code oom@n}, {@code hostoom@n}, {@code launch@n=code}, {@code
     * fatal@n=code}, {@code hang@n}, {@code release} (hung kernels end), {@code slow=us}, {@code
     * slowcopy=us}, {@code mem=bytes}, {@code driver=12040}, {@code devices=n}, {@code cc=90},
     * {@code reset}; several are separated by semicolons. The n-th such call from now on fails.
     */
    @SuppressWarnings("deprecation") // the profiler call is the tests' way into the stand-in
    public static void faults(String faults) {
        int result = JCudaDriver.cuProfilerInitialize("standin:" + faults, "", 0);
        if (result != 0) {
            throw new IllegalStateException("The stand-in refused '" + faults + "': " + result);
        }
    }

    @SuppressWarnings("EnumOrdinal") // the stand-in's enum has the same order
    public static long counter(Counter counter) {
        int[] value = new int[1];
        CUdevice device = new CUdevice();
        if (JCudaDriver.cuDeviceGet(device, 0) != 0
                || JCudaDriver.cuDeviceGetAttribute(value, COUNTERS + counter.ordinal(), device)
                        != 0) {
            throw new IllegalStateException("The stand-in does not answer for " + counter);
        }
        return value[0];
    }
}
