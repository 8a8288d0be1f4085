package dev.millrace.cli;

import dev.millrace.cluster.ClusterException;
import dev.millrace.job.PipelineRefusedException;
import dev.millrace.job.config.ConfigException;
import dev.millrace.job.config.ConfigProblem;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says why a command failed, in words for its user, and gives the exit code. */
final class FailurePrinter implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(
            Exception failure, CommandLine commandLine, ParseResult parseResult) {
        if (failure instanceof ConfigException refused) {
            for (ConfigProblem problem : refused.problems()) {
                commandLine.getErr().println(problem);
            }
            int count = refused.problems().size();
            commandLine
                    .getErr()
                    .printf(
                            "%d %s; nothing was started%n",
                            count, count == 1 ? "problem" : "problems");
        } else {
            commandLine.getErr().println("millrace: " + describe(failure));
        }
        if (Millrace.verbose(commandLine)) {
            failure.printStackTrace(commandLine.getErr());
        } else if (isUnexpected(failure)) {
            commandLine.getErr().println("Run it again with --verbose to see where it happened");
        }
        commandLine.getErr().flush();
        return failure instanceof ConfigException
                ? CommandLine.ExitCode.USAGE
                : CommandLine.ExitCode.SOFTWARE;
    }

    private static boolean isUnexpected(Exception failure) {
        return !(failure instanceof ConfigException
                || failure instanceof CommandFailedException
                || failure instanceof ClusterException
                || failure instanceof PipelineRefusedException
                || failure instanceof NoSuchFileException);
    }

    static String describe(Throwable failure) {
        if (failure instanceof NoSuchFileException missing) {
            return "there is no file " + missing.getFile();
        }
        if (failure instanceof AccessDeniedException denied) {
            return "file " + denied.getFile() + " may not be read";
        }
        if (!(failure instanceof Exception)) {
            return failure.toString();
        }
        StringBuilder text = new StringBuilder(Failures.words(failure));
        boolean known =
                failure instanceof CommandFailedException || failure instanceof ClusterException;
        for (Throwable cause = failure.getCause();
                cause != null && !known;
                cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message != null && text.indexOf(message) < 0) {
                text.append(": ").append(message);
            }
        }
        return text.toString();
    }
}
