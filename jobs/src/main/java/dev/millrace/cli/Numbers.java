package dev.millrace.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Checks numbers that users give. */
final class Numbers {
    private Numbers() {}

    static void requireAtLeastOne(CommandSpec spec, String option, int number) {
        if (number < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "%s must be at least 1: %d".formatted(option, number));
        }
    }
}
