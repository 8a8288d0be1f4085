package dev.millrace.cli;

import dev.millrace.gpu.conformance.Conformance;
import dev.millrace.gpu.conformance.NodeTest;
import dev.millrace.gpu.conformance.Outcome;
import dev.millrace.gpu.conformance.Tolerance;
import dev.millrace.gpu.engine.EngineBackend;
import dev.millrace.gpu.engine.Engines;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a folder of ONNX node tests. */
@Command(
        name = "conformance",
        mixinStandardHelpOptions = true,
        header = "Run a folder of ONNX node tests on an engine.",
        description = {
            "A test is an ONNX file beside folders test_data_set_N with input_I.pb and"
                    + " output_O.pb, as the ONNX project publishes them. Each failure and each"
                    + " refusal is named; the last line counts. Exit code 1 if any test failed.",
            ""
        },
        sortOptions = false)
final class ModelConformanceCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "Where to look for tests, at any depth.")
    private Path folder;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu, cuda or onnxruntime. Default: ${DEFAULT-VALUE}")
    private String engine;

    @Option(
            names = "--rtol",
            paramLabel = "NUMBER",
            description = "Relative tolerance. Default: 0.001, as ONNX's own runner")
    private double relative = Tolerance.ONNX.relative();

    @Option(
            names = "--atol",
            paramLabel = "NUMBER",
            description = "Absolute tolerance. Default: 1e-7, as ONNX's own runner")
    private double absolute = Tolerance.ONNX.absolute();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        requireEngine();
        if (!Files.isDirectory(folder)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "There is no folder " + folder);
        }
        List<NodeTest> tests = NodeTest.below(folder);
        if (tests.isEmpty()) {
            throw new CommandFailedException(
                    "no test below %s: a test is an ONNX file beside folders test_data_set_N"
                            .formatted(folder));
        }
        PrintWriter out = spec.commandLine().getOut();
        Conformance conformance = new Conformance(engine, new Tolerance(relative, absolute));
        Map<Outcome.Verdict, Integer> counts = new EnumMap<>(Outcome.Verdict.class);
        for (NodeTest test : tests) {
            Outcome outcome = conformance.run(test);
            counts.merge(outcome.verdict(), 1, Integer::sum);
            if (outcome.verdict() != Outcome.Verdict.PASSED) {
                out.printf(
                        "%-8s%s: %s%n",
                        outcome.verdict().name().toLowerCase(Locale.ROOT),
                        test.name(),
                        outcome.reason());
                out.flush();
            }
        }
        int failed = counts.getOrDefault(Outcome.Verdict.FAILED, 0);
        out.printf(
                "%d passed, %d failed, %d refused%n",
                counts.getOrDefault(Outcome.Verdict.PASSED, 0),
                failed,
                counts.getOrDefault(Outcome.Verdict.REFUSED, 0));
        out.flush();
        return failed == 0 ? 0 : 1;
    }

    private void requireEngine() {
        List<String> names = Engines.backends().stream().map(EngineBackend::name).toList();
        if (!names.contains(engine)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "No engine is called '%s'; there are %s"
                            .formatted(engine, String.join(", ", names)));
        }
    }
}
