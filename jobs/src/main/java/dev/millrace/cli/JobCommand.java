package dev.millrace.cli;

import picocli.CommandLine;
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
final class JobCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
    }
}
