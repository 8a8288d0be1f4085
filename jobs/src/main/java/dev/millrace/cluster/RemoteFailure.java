package dev.millrace.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the words that matter in a stack trace that a cluster sent as text. */
final class RemoteFailure {
    /** {@code Caused by: a.b.SomeException: message}; a message may have several lines. */
    private static final Pattern HEAD =
            Pattern.compile(
                    "(?:Caused by: )?((?:[\\w$]+\\.)+[\\w$]+(?:Exception|Error|Throwable)[\\w$]*)"
                            + "(?:: (.*))?");

    private static final Pattern FRAME =
            Pattern.compile("\\s+(at .+|\\.\\.\\. \\d+ (?:more|common.*))");
    private static final Pattern BUNDLE = Pattern.compile("\\S*/millrace-pipeline-\\d+/");
    private static final int MOST_CAUSES = 2;

    private RemoteFailure() {}

    /** The last causes' messages: the ones that others only wrap. */
    static String describe(String stackTrace) {
        List<String> messages = new ArrayList<>();
        StringBuilder current = null;
        for (String line : stackTrace.lines().toList()) {
            if (FRAME.matcher(line).matches() || line.startsWith("End of exception")) {
                add(messages, current);
                current = null;
                continue;
            }
            Matcher head = HEAD.matcher(line);
            if (head.matches() && (current == null || line.startsWith("Caused by: "))) {
                add(messages, current);
                current = new StringBuilder();
                String message = head.group(2);
                current.append(message == null ? simpleName(head.group(1)) : message);
            } else if (current != null) {
                current.append('\n').append(line);
            }
        }
        add(messages, current);
        if (messages.isEmpty()) {
            return stackTrace.strip();
        }
        int from = Math.max(0, messages.size() - MOST_CAUSES);
        String text = String.join(": ", messages.subList(from, messages.size()));
        return BUNDLE.matcher(text).replaceAll("");
    }

    private static void add(List<String> messages, StringBuilder current) {
        if (current == null) {
            return;
        }
        // An exception made of its cause repeats the cause's class and message.
        String message = current.toString().strip();
        messages.removeIf(wrapper -> wrapper.contains(message) || message.contains(wrapper));
        messages.add(message);
    }

    private static String simpleName(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }
}
