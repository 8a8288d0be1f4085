package dev.millrace.bench.endtoend;

import dev.millrace.bench.Workload;
import dev.millrace.bench.subject.Options;
import dev.millrace.bench.subject.SubjectKind;
import dev.millrace.local.LocalLogging;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/run end-to-end}. */
@Command(
        name = "bench/run end-to-end",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures Millrace against Kafka's clients alone, a Flink job that copies, and Flink"
                        + " jobs that score record by record: throughput, CPU time, allocation,"
                        + " latency.")
public final class EndToEndCommand implements Callable<Integer> {
    enum Output {
        table,
        json
    }

    @Option(
            names = "--quick",
            description =
                    "One short round of everything, in a minute or two: shows that it works;"
                            + " its figures mean nothing.")
    private boolean quick;

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Records with 30 fields; an eighth of it with images. Default: 6000000, with"
                            + " --quick 300000")
    private long records;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "0",
            description = "Measured rounds. Default: 5, with --quick 1")
    private int rounds;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "10000000",
            description =
                    "Records that each subject processes before it is measured, in 40 s at most."
                            + " Default: ${DEFAULT-VALUE}; none with --quick")
    private long warmUp;

    @Option(
            names = "--workload",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "FIELDS,IMAGES",
            description = "${COMPLETION-CANDIDATES}. Default: both")
    private List<Workload> workloads;

    @Option(
            names = "--subject",
            split = ",",
            paramLabel = "NAME",
            description = "Only these: ${COMPLETION-CANDIDATES}. Default: all")
    private List<SubjectKind> subjects = List.of(SubjectKind.values());

    @Option(
            names = "--engine",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "onnxruntime",
            description = "Backends that Millrace scores with. Default: ${DEFAULT-VALUE}")
    private List<String> engines;

    @Option(
            names = "--variant",
            paramLabel = "OPTIONS",
            description =
                    "Measures the first engine at-least-once with these pipeline options besides:"
                            + " 'batching/max-batch-size=256;sink/properties/linger.ms=5'. Can be"
                            + " repeated.")
    private List<String> variants = List.of();

    @Option(
            names = "--rate",
            split = ",",
            paramLabel = "SHARE",
            defaultValue = "0.25",
            description =
                    "Rates at which latency is measured, as shares of the rate Millrace reaches."
                            + " Default: ${DEFAULT-VALUE}")
    private List<Double> rates;

    @Option(names = "--no-latency", description = "Leave latency out.")
    private boolean noLatency;

    @Option(names = "--no-profile", description = "Leave the sampling of stacks out.")
    private boolean noProfile;

    @Option(
            names = "--output",
            defaultValue = "table",
            description =
                    "What standard output gets: ${COMPLETION-CANDIDATES}. Default:"
                            + " ${DEFAULT-VALUE}")
    private Output output;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            defaultValue = "bench/results/end-to-end.json",
            description = "Where the JSON goes as well. Default: ${DEFAULT-VALUE}")
    private Path file;

    public static void main(String[] arguments) {
        System.exit(
                new CommandLine(new EndToEndCommand())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("millrace-bench-");
        LocalLogging.toFile(folder.resolve("driver.log"));
        PrintStream progress = System.err;
        progress.println("Logs and pipelines: " + folder);
        Machine before = Machine.here();
        Settings settings = settings();
        EndToEndBenchmark benchmark =
                new EndToEndBenchmark(settings, jvmArguments(), folder, progress);
        Report report = new Report(before, settings, benchmark.run());
        Files.createDirectories(file.toAbsolutePath().getParent());
        String json = report.json();
        Files.writeString(file, json + "\n");
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.print(output == Output.json ? json + "\n" : report.text());
        out.flush();
        delete(folder);
        return 0;
    }

    /** Logs are of no use after a run that went well. */
    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Subjects run with this process's own arguments. */
    private static List<String> jvmArguments() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }

    private Settings settings() {
        boolean latency = !noLatency;
        List<Map<String, String>> options = variants.stream().map(Options::parse).toList();
        if (quick) {
            return new Settings(
                    true,
                    workloads,
                    subjects,
                    engines,
                    options,
                    records == 0 ? 300_000 : records,
                    rounds == 0 ? 1 : rounds,
                    0,
                    Duration.ZERO,
                    Duration.ofMillis(100),
                    Duration.ofMillis(500),
                    500,
                    500,
                    Duration.ofMillis(500),
                    latency ? Duration.ofSeconds(1) : Duration.ZERO,
                    rates,
                    !noProfile);
        }
        return new Settings(
                false,
                workloads,
                subjects,
                engines,
                options,
                records == 0 ? 6_000_000 : records,
                rounds == 0 ? 5 : rounds,
                warmUp,
                Duration.ofSeconds(40),
                Duration.ofSeconds(2),
                Duration.ofSeconds(4),
                1000,
                5000,
                Duration.ofSeconds(30),
                latency ? Duration.ofSeconds(20) : Duration.ZERO,
                rates,
                !noProfile);
    }
}
