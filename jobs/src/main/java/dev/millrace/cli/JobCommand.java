package dev.millrace.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Pipelines as jobs of a Flink cluster. */
@Command(
        name = "job",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = "Run pipelines on a Flink cluster: submit, list, savepoint, upgrade, cancel.",
        commandListHeading = "%nCommands:%n",
        subcommands = {
            JobSubmitCommand.class,
            JobListCommand.class,
            JobSavepointCommand.class,
            JobUpgradeCommand.class,
            JobCancelCommand.class
        },
        sortOptions = false)
final class JobCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        return Millrace.askForCommand(spec);
    }
}
