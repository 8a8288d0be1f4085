package dev.millrace.cli;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.inspection.BenchLine;
import dev.millrace.gpu.inspection.ModelBench;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times a model on every engine of this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        header = "Time a model on the engines of this machine.",
        description = {
            "Records per second by micro-batch size and engine, three slots in turn, all copies"
                    + " included; time in H2D, kernels and D2H per micro-batch; and the ratio to the"
                    + " copy limit: a plain copy in memory of the same inputs and outputs, measured"
                    + " in the same run.",
            ""
        },
        sortOptions = false)
final class ModelBenchCommand implements Callable<Integer> {
    private static final int SLOTS = 3;

    @Mixin private ModelArguments model;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            split = ",",
            description = "Engines to time, separated by commas. Default: all that cover the model")
    private List<String> engines = List.of();

    @Option(
            names = "--batch-sizes",
            paramLabel = "RECORDS",
            split = ",",
            defaultValue = "1,16,256,4096",
            description = "Sizes of micro-batches, separated by commas. Default: ${DEFAULT-VALUE}")
    private List<Integer> batchSizes;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Time for each engine and size. Default: ${DEFAULT-VALUE}")
    private double seconds;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        batchSizes.forEach(size -> Numbers.requireAtLeastOne(spec, "--batch-sizes", size));
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--seconds must be above 0, at most 3600: " + seconds);
        }
        requireKnown();
        ModelArtifact artifact = model.artifact();
        PrintWriter out = spec.commandLine().getOut();
        EngineOptions options = model.options(Collections.max(batchSizes), SLOTS);
        TextTable table = new TextTable("lrrrrrrr");
        table.row(
                "engine",
                "records",
                "records/s",
                "of copy limit",
                "H2D us",
                "kernels us",
                "D2H us",
                "copy limit/s");
        boolean any = false;
        for (EngineBackend backend : Engines.backends()) {
            if (engines.isEmpty() || engines.contains(backend.name())) {
                any |= bench(artifact, options.withBackend(backend.name()), backend, table, out);
            }
        }
        if (!any) {
            throw new CommandFailedException(
                    "nothing was timed: no engine asked for scores %s here".formatted(artifact));
        }
        table.print(out);
        out.flush();
        return 0;
    }

    private void requireKnown() {
        List<String> known = Engines.backends().stream().map(EngineBackend::name).toList();
        for (String engine : engines) {
            if (!known.contains(engine)) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        "No engine is called '%s'; there are %s"
                                .formatted(engine, String.join(", ", known)));
            }
        }
    }

    private boolean bench(
            ModelArtifact artifact,
            EngineOptions options,
            EngineBackend backend,
            TextTable table,
            PrintWriter out)
            throws InterruptedException, CommandFailedException {
        EngineBackend.Coverage coverage = backend.examine(artifact, options);
        if (!coverage.covered()) {
            out.printf("Without %s: %s%n", backend.name(), coverage.reason());
            return false;
        }
        try (Engine engine = backend.open(artifact, options, coverage.reason())) {
            out.println(engine.description());
            out.flush();
            ModelBench bench = new ModelBench(engine);
            long nanos = Duration.ofNanos((long) (seconds * 1e9)).toNanos();
            for (int size : batchSizes) {
                add(table, bench.run(size, nanos));
            }
            return true;
        } catch (EngineException e) {
            throw new CommandFailedException(backend.name() + ": " + e.getMessage(), e);
        }
    }

    private static void add(TextTable table, BenchLine line) {
        table.row(
                line.engine(),
                Integer.toString(line.rows()),
                String.format(Locale.ROOT, "%,.0f", line.recordsPerSecond()),
                String.format(Locale.ROOT, "%.3f", line.ratio()),
                micros(line.h2dMicros()),
                micros(line.kernelMicros()),
                micros(line.d2hMicros()),
                String.format(Locale.ROOT, "%,.0f", line.copiesPerSecond()));
    }

    /** Engines that copy nothing, or do not say, have no time for it. */
    private static String micros(double micros) {
        return micros == 0 ? "-" : String.format(Locale.ROOT, "%,.1f", micros);
    }
}
