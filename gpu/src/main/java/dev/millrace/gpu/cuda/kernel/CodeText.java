package dev.millrace.gpu.cuda.kernel;

import java.util.Locale;

/** C++ text under construction, with indentation and fresh names. One thread. */
final class CodeText {
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private int names;

    CodeText line(String format, Object... arguments) {
        text.append("  ".repeat(depth))
                .append(
                        arguments.length == 0
                                ? format
                                : String.format(Locale.ROOT, format, arguments))
                .append('\n');
        return this;
    }

    /** A line that opens a block. */
    CodeText open(String format, Object... arguments) {
        line(format + " {", arguments);
        depth++;
        return this;
    }

    /** A block by itself, for the names in it. */
    CodeText openScope() {
        line("{");
        depth++;
        return this;
    }

    CodeText close() {
        depth--;
        return line("}");
    }

    /** Ends a block with another one following: {@code else}. */
    CodeText closeAndOpen(String between) {
        depth--;
        line("} " + between + " {");
        depth++;
        return this;
    }

    /** A name no other line uses. */
    String fresh() {
        return "v" + names++;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
