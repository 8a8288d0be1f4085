package dev.millrace.bench.endtoend;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.millrace.local.ForkedKafka;
import dev.millrace.local.LocalLogging;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/run releases}. */
@Command(
        name = "bench/run releases",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures latency while the model version is swapped, a replay's throughput beside"
                        + " the live job's on the same records, and whether a capped replay keeps"
                        + " to its cap beside a live job. Look at the ratios: all sides of one are"
                        + " measured in the same run.")
public final class ReleasesCommand implements Callable<Integer> {
    private static final List<String> BROKER_ARGUMENTS = List.of("-Xms1g", "-Xmx1g");

    @Option(
            names = "--quick",
            description = "A short round of everything, in a minute or two: shows that it works.")
    private boolean quick;

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "0",
            description = "Records that are replayed. Default: 4000000, with --quick 400000")
    private long records;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "0",
            description = "Rounds of live and replay, by turns. Default: 5, with --quick 1")
    private int rounds;

    @Option(
            names = "--swaps",
            paramLabel = "N",
            defaultValue = "0",
            description = "Swaps of the version. Default: 7, with --quick 2")
    private int swaps;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "20000",
            description =
                    "Records a second through the live job while latency is measured. Default:"
                            + " ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--cap",
            paramLabel = "N",
            defaultValue = "50000",
            description = "The cap of the replay beside a live job. Default: ${DEFAULT-VALUE}")
    private double cap;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "The backend. Default: ${DEFAULT-VALUE}")
    private String engine;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            defaultValue = "bench/results/releases.json",
            description = "Where the figures go as JSON. Default: ${DEFAULT-VALUE}")
    private Path file;

    /** Everything that was measured, with the machine as it was before and after. */
    record Figures(
            Machine before,
            Machine after,
            ReleasesBenchmark.Throughput throughput,
            ReleasesBenchmark.Swaps swaps,
            ReleasesBenchmark.Capped capped) {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ReleasesCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("millrace-bench-");
        LocalLogging.toFile(folder.resolve("driver.log"));
        System.err.println("Logs and pipelines: " + folder);
        Figures figures = measure(folder);
        Files.createDirectories(file.toAbsolutePath().getParent());
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), figures);
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.print(text(figures));
        out.flush();
        delete(folder);
        return 0;
    }

    private Figures measure(Path folder) throws Exception {
        long count = records > 0 ? records : quick ? 400_000 : 4_000_000;
        Duration window = quick ? Duration.ofSeconds(2) : Duration.ofSeconds(6);
        Machine before = Machine.here();
        try (ForkedKafka broker = ForkedKafka.onTemporaryDirectory(Map.of(), BROKER_ARGUMENTS);
                Topics topics = new Topics(broker.bootstrapServers())) {
            ReleasesBenchmark benchmark = new ReleasesBenchmark(topics, engine, folder, System.err);
            var throughput = benchmark.throughput(count, rounds > 0 ? rounds : quick ? 1 : 5);
            var swapped = benchmark.swaps(rate, swaps > 0 ? swaps : quick ? 2 : 7, window);
            var capped = benchmark.capped(rate, cap, window.multipliedBy(2));
            return new Figures(before, Machine.here(), throughput, swapped, capped);
        }
    }

    private static String text(Figures figures) {
        var throughput = figures.throughput();
        var swaps = figures.swaps();
        var capped = figures.capped();
        return String.format(
                Locale.ROOT,
                """
                %s
                Load average %.1f before, %.1f after. Medians [least to greatest].

                Replay of a topic, beside the live job on the same records
                  live job            %s records/s
                  replay              %s records/s
                  replay / live       %s   (aim: at least 0.9)

                Swap of the version at %,.0f records/s, p99 from producer to reader
                  before              %s ms
                  during              %s ms
                  during / before     %s   (aim: at most 2)
                  records missing     %d

                Replay capped at %,.0f records/s, beside a live job at %,.0f records/s
                  replay, mean        %,.0f records/s, %.3f of its cap   (aim: at most 1)
                  greatest second     %,.0f records/s
                  live p99            %.1f ms alone, %.1f ms beside the replay
                  live missing        %d
                """,
                figures.before().text(),
                figures.before().loadAverage(),
                figures.after().loadAverage(),
                throughput.live().text("%,.0f"),
                throughput.replay().text("%,.0f"),
                throughput.ratio().text("%.2f"),
                swaps.rate(),
                swaps.beforeMs().text("%.1f"),
                swaps.duringMs().text("%.1f"),
                swaps.ratio().text("%.2f"),
                swaps.missing(),
                capped.cap(),
                swaps.rate(),
                capped.mean(),
                capped.mean() / capped.cap(),
                capped.greatest(),
                capped.liveAloneMs(),
                capped.liveBesideMs(),
                capped.missing());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
