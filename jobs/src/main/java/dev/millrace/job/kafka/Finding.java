package dev.millrace.job.kafka;

/**
 * What one check found.
 *
 * @param level how bad it is
 * @param subject what was checked, in a few words
 * @param message what was found, with the numbers
 * @param advice what to do about it; empty where all is well
 */
public record Finding(Level level, String subject, String message, String advice) {
    /** How bad a finding is. */
    public enum Level {
        /** As it should be. */
        GOOD,
        /** Worth knowing; nothing to do. */
        NOTE,
        /** Works, but not as well or not as safely as it could. */
        WARNING,
        /** The pipeline cannot run like this. */
        BAD
    }

    public static Finding good(String subject, String message) {
        return new Finding(Level.GOOD, subject, message, "");
    }

    public static Finding note(String subject, String message) {
        return new Finding(Level.NOTE, subject, message, "");
    }

    public static Finding warning(String subject, String message, String advice) {
        return new Finding(Level.WARNING, subject, message, advice);
    }

    public static Finding bad(String subject, String message, String advice) {
        return new Finding(Level.BAD, subject, message, advice);
    }

    @Override
    public String toString() {
        return subject + ": " + message + (advice.isEmpty() ? "" : ". " + advice);
    }
}
