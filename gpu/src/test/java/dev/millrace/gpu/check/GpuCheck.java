package dev.millrace.gpu.check;

import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.driver.CudaContext.DeviceFacts;
import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the parts of {@code scripts/gpu-check} that are Java and writes what they found as JSON.
 * Exit status 0: all well; 1: something failed; 2: nothing could be tried.
 */
public final class GpuCheck {
    private static final String BACKEND = "cuda";

    /** How the stand-in driver calls its device. */
    private static final String STAND_IN = "stand-in";

    private static final List<Integer> SIZES = List.of(1, 16, 64, 256, 1024, 4096, 16_384, 65_536);
    private static final List<Integer> QUICK_SIZES = List.of(1, 16, 256);
    private static final int COPY_BYTES = 64 << 20;

    private final PrintStream out = System.out;
    private final Map<String, String> options = new LinkedHashMap<>();
    private final Map<String, Object> report = new LinkedHashMap<>();
    private boolean failed;

    private GpuCheck(String[] arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            options.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
    }

    /**
     * Runs the parts.
     *
     * @param arguments {@code parts=tests,nodes,bench,soak}, {@code nodes=FOLDER}, {@code
     *     soak=SECONDS}, {@code torch=FILE}, {@code quick=true}, {@code results=FOLDER}; the script
     *     has checked them
     */
    public static void main(String[] arguments) throws Exception {
        GpuCheck check = new GpuCheck(arguments);
        try {
            check.run();
        } catch (CudaUnavailableException e) {
            System.out.println("gpu-check: nothing was tried: " + e.getMessage());
            System.exit(2);
        }
        System.exit(check.failed ? 1 : 0);
    }

    private void run() throws Exception {
        DeviceFacts facts = CudaContext.examine(0);
        boolean standIn = facts.name().contains(STAND_IN);
        boolean quick = options.containsKey("quick");
        describe(facts, standIn);
        List<String> parts = Arrays.asList(options.get("parts").split(",", -1));
        if (parts.contains("tests")) {
            part("tests", DeviceTests.run(out));
        }
        if (parts.contains("nodes")) {
            part("nodeTests", DeviceTests.nodeTests(BACKEND, Path.of(options.get("nodes")), out));
        }
        if (parts.contains("bench")) {
            bench(quick);
        }
        if (parts.contains("soak")) {
            soak(quick);
        }
        report.put("ok", !failed);
        Path file = write(facts, standIn);
        out.println("gpu-check: written to " + file);
        if (standIn) {
            out.println("gpu-check: this was the stand-in driver: a rehearsal, no GPU's figures");
        }
    }

    private void describe(DeviceFacts facts, boolean standIn) throws IOException {
        Map<String, Object> device = new LinkedHashMap<>();
        device.put("name", facts.name());
        device.put("standIn", standIn);
        device.put(
                "computeCapability",
                "%d.%d".formatted(facts.capability() / 10, facts.capability() % 10));
        device.put("multiprocessors", facts.multiprocessors());
        device.put(
                "driverServesCuda",
                facts.driverVersion() / 1000 + "." + facts.driverVersion() % 1000 / 10);
        Map<String, Object> host = new LinkedHashMap<>();
        host.put("processor", processor());
        host.put("cores", Runtime.getRuntime().availableProcessors());
        host.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        host.put("java", System.getProperty("java.runtime.version"));
        report.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        report.put("device", device);
        report.put("host", host);
        out.println("gpu-check: on " + facts);
    }

    private static String processor() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return "unknown";
        }
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("unknown");
        }
    }

    private void part(String name, Map<String, Object> found) {
        report.put(name, found);
        failed |= Boolean.FALSE.equals(found.get("ok"));
    }

    private void bench(boolean quick) throws Exception {
        CopyLimit limit = CopyLimit.measure(0, quick ? COPY_BYTES / 16 : COPY_BYTES);
        Optional<TorchFigures> torch = Optional.empty();
        if (options.containsKey("torch")) {
            torch = Optional.of(TorchFigures.read(Path.of(options.get("torch"))));
        }
        long nanos = quick ? 60_000_000 : 1_000_000_000;
        DeviceBenchmark benchmark =
                new DeviceBenchmark(BACKEND, quick ? QUICK_SIZES : SIZES, nanos, limit, torch, out);
        Map<String, Object> copies = new LinkedHashMap<>();
        copies.put("bytes", limit.bytes());
        copies.put("h2dBytesPerSecond", limit.h2d());
        copies.put("d2hBytesPerSecond", limit.d2h());
        copies.put("h2dBytesPerSecondWithBothAtOnce", limit.h2dOfBoth());
        report.put("copyLimit", copies);
        report.put("benchmark", new ArrayList<Object>(benchmark.run()));
        report.put("aims", new ArrayList<Object>(benchmark.aims()));
        if (torch.isPresent()) {
            Map<String, Object> pytorch = new LinkedHashMap<>();
            pytorch.put("about", torch.get().about());
            pytorch.put("figures", torch.get().toJson());
            report.put("pytorch", pytorch);
        }
    }

    private void soak(boolean quick) throws Exception {
        Duration duration = Duration.ofSeconds(Long.parseLong(options.get("soak")));
        out.printf("soak: %d s%n", duration.toSeconds());
        try {
            Map<String, Object> found = Soak.run(BACKEND, duration, quick ? 64 : 4096);
            out.println("soak: every score was right; " + found);
            report.put("soak", found);
        } catch (Exception e) {
            out.println("soak: " + e);
            report.put("soak", e.toString());
            failed = true;
        }
    }

    /** Into the folder of results, or beside them if this is no GPU. */
    private Path write(DeviceFacts facts, boolean standIn) throws IOException {
        Path folder = Path.of(options.get("results"));
        String device =
                facts.name()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("-$", "");
        String time = Instant.now().toString().replaceAll("[-:]|\\..*", "");
        String kind = standIn ? "rehearsal" : "gpu";
        Path file = folder.resolve("%s-%s-%s.json".formatted(kind, device, time));
        Files.createDirectories(folder);
        return Files.writeString(file, Json.text(report));
    }
}
