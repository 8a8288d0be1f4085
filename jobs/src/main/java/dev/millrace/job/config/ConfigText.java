package dev.millrace.job.config;

/**
 * A text with the line it came from.
 *
 * @param value with its placeholders resolved
 * @param line counted from 1
 * @param secret whether it came from a placeholder, so that it must not be shown
 */
public record ConfigText(String value, int line, boolean secret) {
    @Override
    public String toString() {
        return secret ? "[hidden]" : value;
    }
}
