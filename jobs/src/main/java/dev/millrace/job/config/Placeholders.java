package dev.millrace.job.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces <code>${NAME}</code> by an environment variable, <code>${NAME:-text}</code> by the
 * variable or a text, <code>${file:/path}</code> by a file's contents without the last line break.
 * <code>$${</code> stands for a plain <code>${</code>.
 */
final class Placeholders {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$?\\$\\{([^}]*)}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Map<String, String> environment;
    private final Path folder;

    Placeholders(Map<String, String> environment, Path folder) {
        this.environment = Map.copyOf(environment);
        this.folder = folder;
    }

    static boolean in(String text) {
        return text.contains("${");
    }

    /**
     * @throws IllegalArgumentException naming the placeholder that has no value, and never a value
     */
    String expand(String text) {
        Matcher matcher = PLACEHOLDER.matcher(text);
        StringBuilder expanded = new StringBuilder();
        while (matcher.find()) {
            String replacement =
                    matcher.group().startsWith("$$")
                            ? matcher.group().substring(1)
                            : valueOf(matcher.group(1));
            matcher.appendReplacement(expanded, Matcher.quoteReplacement(replacement));
        }
        matcher.appendTail(expanded);
        return expanded.toString();
    }

    private String valueOf(String inner) {
        if (inner.startsWith("file:")) {
            return contents(folder.resolve(inner.substring("file:".length())));
        }
        int dash = inner.indexOf(":-");
        String name = dash < 0 ? inner : inner.substring(0, dash);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'${%s}' is neither ${NAME}, ${NAME:-default} nor ${file:/path}"
                            .formatted(inner));
        }
        String value = environment.get(name);
        if (value != null) {
            return value;
        }
        if (dash >= 0) {
            return inner.substring(dash + 2);
        }
        throw new IllegalArgumentException("environment variable " + name + " is not set");
    }

    private static String contents(Path file) {
        try {
            return Files.readString(file).stripTrailing();
        } catch (IOException e) {
            throw new IllegalArgumentException("file " + file + " " + TextFiles.fault(file, e), e);
        }
    }
}
