package dev.millrace.bench.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link ScoringBenchmark} and sets its figures side by side: medians of processor time per
 * row, and how many times the speed of ONNX Runtime that is.
 */
public final class EngineBenchmarks {
    private static final String REFERENCE = "onnxruntime";
    private static final List<String> SUBJECTS = List.of("cpuVector", "cpuPlain");

    private EngineBenchmarks() {}

    /** Takes JMH's own arguments. */
    public static void main(String[] arguments) throws CommandLineOptionException, RunnerException {
        Collection<RunResult> results =
                new Runner(
                                new OptionsBuilder()
                                        .parent(new CommandLineOptions(arguments))
                                        .include(ScoringBenchmark.class.getName())
                                        .resultFormat(ResultFormatType.JSON)
                                        .result("bench/results/engine.json")
                                        .shouldFailOnError(true)
                                        .build())
                        .run();
        table(results).forEach(System.out::println);
    }

    private static List<String> table(Collection<RunResult> results) {
        Map<String, Map<String, Double>> cases = new LinkedHashMap<>();
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            String name = "%s | %s".formatted(params.getParam("model"), params.getParam("rows"));
            String benchmark = params.getBenchmark();
            String subject = benchmark.substring(benchmark.lastIndexOf('.') + 1);
            cases.computeIfAbsent(name, wanted -> new LinkedHashMap<>())
                    .put(subject, median(result));
        }
        List<String> lines = new ArrayList<>();
        lines.add(
                "| model | rows | ONNX Runtime, ns/row | Vector API, ns/row | times the speed | plain loops, ns/row | times the speed |");
        lines.add("|---|---|---|---|---|---|---|");
        cases.forEach((name, nanos) -> lines.add(line(name, nanos)));
        return lines;
    }

    private static String line(String name, Map<String, Double> nanos) {
        StringBuilder line = new StringBuilder("| ").append(name).append(" | ");
        Double reference = nanos.get(REFERENCE);
        line.append(text("%.1f", reference)).append(" |");
        for (String subject : SUBJECTS) {
            Double own = nanos.get(subject);
            Double ratio = own == null || reference == null ? null : reference / own;
            line.append(' ').append(text("%.1f", own)).append(" | ");
            line.append(text("%.2f", ratio)).append(" |");
        }
        return line.toString();
    }

    private static String text(String format, Double value) {
        return value == null ? "" : String.format(Locale.ROOT, format, value);
    }

    private static double median(RunResult result) {
        Result<?> nanos = result.getSecondaryResults().get("nanosPerRow");
        return nanos.getStatistics().getPercentile(50);
    }
}
