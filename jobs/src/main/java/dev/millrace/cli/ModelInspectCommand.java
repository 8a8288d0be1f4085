package dev.millrace.cli;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.inspection.ModelInspection;
import dev.millrace.gpu.inspection.ModelInspection.EngineAnswer;
import dev.millrace.gpu.inspection.ModelInspector;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what a model holds and who scores it. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        header = "Show what a model holds and which engine scores it, how exactly.",
        description = {
            "Inputs, outputs, operators, parameters, cost per record; every engine of this machine"
                    + " with its exactness or its reason; where the portable plan does not cover the"
                    + " model, which node and operator stands in the way. Exit code 1 if no engine"
                    + " scores it.",
            ""
        },
        sortOptions = false)
final class ModelInspectCommand implements Callable<Integer> {
    private static final int ROWS = 64;
    private static final int SHOWN_CATEGORIES = 8;

    @Mixin private ModelArguments model;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "TEXT",
            description = "text or json. Default: text")
    private OutputFormat output;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        ModelInspection inspection;
        try {
            inspection = ModelInspector.inspect(model.artifact(), model.options(ROWS, 1));
        } catch (EngineException e) {
            throw ModelArguments.failure(e);
        }
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case TEXT -> print(inspection, out);
            case JSON -> out.println(ModelInspectionJson.of(inspection));
        }
        out.flush();
        return inspection.chosen().isPresent() ? 0 : 1;
    }

    private static void print(ModelInspection inspection, PrintWriter out) {
        out.printf(
                "%s, %s bytes, SHA-256 %s%n",
                inspection.version().name(),
                grouped(inspection.fileBytes()),
                inspection.version().sha256());
        out.printf("%nA record is %s%n", record(inspection));
        inspection
                .signature()
                .ifPresent(
                        signature -> {
                            TextTable tensors = new TextTable("llll");
                            signature.inputs().forEach(s -> tensors.row(tensor("input", s)));
                            signature.outputs().forEach(s -> tensors.row(tensor("output", s)));
                            tensors.print(out);
                        });
        out.printf("%nOperators (%s)%n", operatorSets(inspection.operatorSets()));
        TextTable operators = new TextTable("rl");
        inspection
                .operators()
                .forEach((name, count) -> operators.row(Integer.toString(count), name));
        operators.print(out);
        out.println();
        cost(inspection).print(out);
        out.println();
        engines(inspection).print(out);
        inspection
                .uncovered()
                .ifPresent(
                        uncovered ->
                                out.printf(
                                        "%nNot portable: %s%n  node '%s', operator %s%n",
                                        uncovered.reason(),
                                        uncovered.node(),
                                        uncovered.operator().isEmpty()
                                                ? "none in particular"
                                                : uncovered.operator()));
        out.printf(
                "%nengine: auto takes %s%n",
                inspection.chosen().map(EngineAnswer::backend).orElse("none: nothing scores it"));
    }

    private static String record(ModelInspection inspection) {
        return inspection.wholeModel()
                ? "one whole set of inputs: no input leaves its first dimension free"
                : "one slice of the first dimension of every input";
    }

    private static String[] tensor(String role, TensorSpec spec) {
        List<String> categories = spec.categories();
        String names = "";
        if (!categories.isEmpty()) {
            names =
                    categories.stream().limit(SHOWN_CATEGORIES).collect(Collectors.joining(", "))
                            + (categories.size() > SHOWN_CATEGORIES
                                    ? ", ... (%d)".formatted(categories.size())
                                    : "");
        }
        return new String[] {
            "  " + role,
            spec.name(),
            spec.type().name().toLowerCase(Locale.ROOT) + spec.rowShape(),
            names
        };
    }

    private static String operatorSets(Map<String, Long> versions) {
        return versions.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", "));
    }

    private static TextTable cost(ModelInspection inspection) {
        TextTable cost = new TextTable("lr");
        cost.row("parameters", grouped(inspection.parameters()));
        cost.row("  bytes", grouped(inspection.parameterBytes()));
        inspection
                .signature()
                .ifPresent(
                        signature -> {
                            cost.row("bytes in per record", grouped(signature.inputRowBytes()));
                            cost.row("bytes out per record", grouped(signature.outputRowBytes()));
                        });
        cost.row(
                "FLOPs per record",
                inspection.operations().isPresent()
                        ? grouped(inspection.operations().getAsLong())
                        : "unknown");
        return cost;
    }

    private static TextTable engines(ModelInspection inspection) {
        TextTable engines = new TextTable("llll");
        engines.row("engine", "exactness", "device", "");
        for (EngineAnswer answer : inspection.engines()) {
            engines.row(
                    answer.backend(),
                    answer.description()
                            .map(d -> d.exactness().name().toLowerCase(Locale.ROOT))
                            .orElse("-"),
                    answer.description().map(d -> d.device()).orElse("-"),
                    answer.description().map(d -> d.reason()).orElse("no: " + answer.reason()));
        }
        return engines;
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
