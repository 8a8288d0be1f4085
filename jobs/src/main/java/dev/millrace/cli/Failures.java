package dev.millrace.cli;

import java.util.ArrayList;
import java.util.List;

/** Finds the words that matter in the causes of a job's failure. */
final class Failures {
    private static final int MOST_CAUSES = 3;

    private Failures() {}

    /** A failure's message, or its name where it has none. */
    static String words(Throwable failure) {
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage();
    }

    /** The last few causes, the first of them being the one that all others only wrap. */
    static String describe(Throwable failure) {
        List<String> messages = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                String message = cause.getMessage().strip();
                messages.removeIf(message::contains);
                messages.add(message);
            }
        }
        if (messages.isEmpty()) {
            return words(failure);
        }
        int from = Math.max(0, messages.size() - MOST_CAUSES);
        return String.join(": ", messages.subList(from, messages.size()));
    }
}
