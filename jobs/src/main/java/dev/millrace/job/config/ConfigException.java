package dev.millrace.job.config;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A pipeline was refused; says everything that is wrong with it, not only the first thing. Without
 * a stack trace: the mistake is in the file, not in a program.
 */
public final class ConfigException extends Exception {
    private final transient List<ConfigProblem> problems;

    public ConfigException(List<ConfigProblem> problems) {
        super(
                problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")),
                null,
                false,
                false);
        this.problems = List.copyOf(problems);
    }

    /** In the order of their lines. */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
