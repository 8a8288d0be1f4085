package dev.millrace.cli.records;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** Says what is wrong with a text that should be JSON. */
public final class JsonFaults {
    /** How Jackson writes a place into its messages; the source is never shown. */
    private static final Pattern PLACE =
            Pattern.compile("\\[Source: [^\\[\\]]*?; line: (\\d+), column: (\\d+)]");

    private JsonFaults() {}

    /** Of a text of many lines: the fault and where it is, if JSON is at fault at all. */
    public static String describe(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof JsonProcessingException json) {
                JsonLocation at = json.getLocation();
                String message =
                        PLACE.matcher(json.getOriginalMessage())
                                .replaceAll("line $1, column $2")
                                .strip();
                return at == null
                        ? message
                        : "line %d, column %d: %s"
                                .formatted(at.getLineNr(), at.getColumnNr(), message);
            }
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    /** Of a single line. */
    static String ofLine(JsonProcessingException failure) {
        String message =
                PLACE.matcher(failure.getOriginalMessage()).replaceAll("column $2").strip();
        JsonLocation at = failure.getLocation();
        return at == null ? message : "column %d: %s".formatted(at.getColumnNr(), message);
    }
}
