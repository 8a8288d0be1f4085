package dev.millrace.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What there is to know about a model before it scores anything. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = "Look at a model, prove it, time it.",
        commandListHeading = "%nCommands:%n",
        subcommands = {
            ModelInspectCommand.class,
            ModelCheckCommand.class,
            ModelBenchCommand.class,
            ModelConformanceCommand.class,
            ModelReleaseCommand.class,
            ModelReleasesCommand.class,
            RollbackCommand.class
        },
        sortOptions = false)
final class ModelCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        return Millrace.askForCommand(spec);
    }
}
