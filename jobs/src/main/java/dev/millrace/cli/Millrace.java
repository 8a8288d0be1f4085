package dev.millrace.cli;

import dev.millrace.local.FileSystems;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code millrace} command. */
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        versionProvider = Millrace.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        header = {
            "Scores Kafka topics with machine-learning models on GPUs, inside Apache Flink.",
            ""
        },
        descriptionHeading = "%n",
        description = {
            "A pipeline is a YAML file: topics in and out, a model, the fields it reads. Try",
            "",
            "  millrace demo                 everything at once on this machine",
            "  millrace doctor pipeline.yaml is everything there that the pipeline needs?",
            "  millrace model check fraud.onnx",
            "                                does a score depend on its record alone?",
            "  millrace score pipeline.yaml  score a topic, exactly once, until Ctrl-C",
            "  millrace submit -p pipeline.yaml payments.csv",
            "                                send records to the pipeline's topic",
            "  millrace tail -p pipeline.yaml",
            "                                watch what comes out",
            "  millrace replay pipeline.yaml --from 2026-01-01T00:00Z --output-topic again",
            "                                score history once more",
            "  millrace diff --left scored --right again",
            "                                compare both, record by record",
            "",
            "  millrace job submit pipeline.yaml --cluster http://jobmanager:8081",
            "                                the same pipeline on a Flink cluster",
            "",
            "Every option of a pipeline is in docs/configuration.md.",
            ""
        },
        commandListHeading = "%nCommands:%n",
        footerHeading =
                "%nExit codes: 0 done, 1 failed, 2 wrong usage or a pipeline refused; diff: 3 more"
                        + " differences than allowed.%n",
        subcommands = {
            DemoCommand.class,
            GenerateCommand.class,
            ScoreCommand.class,
            ReplayCommand.class,
            DiffCommand.class,
            RollbackCommand.class,
            SubmitCommand.class,
            TailCommand.class,
            JobCommand.class,
            DoctorCommand.class,
            ModelCommand.class,
            HelpCommand.class
        })
public final class Millrace implements Callable<Integer> {
    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show stack traces of failures.")
    private boolean verbose;

    @CommandLine.Spec private CommandSpec spec;

    public static void main(String[] arguments) {
        FileSystems.initialize();
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Millrace())
                .setExecutionExceptionHandler(new FailurePrinter())
                .setParameterExceptionHandler(new UsagePrinter())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true);
    }

    static boolean verbose(CommandLine commandLine) {
        CommandLine root = commandLine;
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Millrace millrace = root.getCommand();
        return millrace.verbose;
    }

    /** Without a command there is nothing to do but to say what there is. */
    @Override
    public Integer call() {
        return askForCommand(spec);
    }

    static int askForCommand(CommandSpec spec) {
        CommandLine command = spec.commandLine();
        command.usage(command.getErr());
        return spec.exitCodeOnInvalidInput();
    }

    /** The version of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            try (InputStream in = Millrace.class.getResourceAsStream("version.txt")) {
                String version = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
                return new String[] {
                    "millrace " + version,
                    "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name")
                };
            }
        }
    }
}
