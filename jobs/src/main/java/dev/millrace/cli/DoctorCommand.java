package dev.millrace.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.kafka.Finding;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks everything a pipeline needs, and says what to do about what is missing. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        header = "Check this machine, and a pipeline against its brokers and its model.",
        description = {
            "Looks at Java, the engines with their native libraries and the GPU; with a pipeline"
                    + " also at its file, its model and schema, its brokers, topics and their"
                    + " settings, and transactions left open in them. Changes nothing. Exit code 1 if the pipeline could not run.",
            ""
        },
        sortOptions = false)
final class DoctorCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "PIPELINE",
            arity = "0..1",
            description = "The pipeline's YAML file; without it only this machine is checked.")
    private Path file;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "TEXT",
            description = "text or json. Default: text")
    private OutputFormat output;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<Finding> findings = file == null ? Doctor.machine() : Doctor.pipeline(file);
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case TEXT -> findings.forEach(finding -> print(finding, out));
            case JSON -> out.println(json(findings));
        }
        out.flush();
        boolean bad = findings.stream().anyMatch(f -> f.level() == Finding.Level.BAD);
        return bad ? 1 : 0;
    }

    private static void print(Finding finding, PrintWriter out) {
        out.printf("%-5s %-18s %s%n", word(finding), finding.subject(), finding.message());
        if (!finding.advice().isEmpty()) {
            out.printf("%-5s %-18s -> %s%n", "", "", finding.advice());
        }
    }

    private static String word(Finding finding) {
        return switch (finding.level()) {
            case GOOD -> "ok";
            case NOTE -> "note";
            case WARNING -> "warn";
            case BAD -> "FAIL";
        };
    }

    private static String json(List<Finding> findings) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        ArrayNode array = mapper.createArrayNode();
        for (Finding finding : findings) {
            ObjectNode node = array.addObject();
            node.put("level", finding.level().name().toLowerCase(Locale.ROOT));
            node.put("subject", finding.subject());
            node.put("message", finding.message());
            node.put("advice", finding.advice());
        }
        return mapper.writeValueAsString(array);
    }
}
