package dev.millrace.cli.records;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads text whose broken bytes can be told from every character. A decoder that throws loses what
 * it read ahead with them, so they become half a surrogate pair, which UTF-8 cannot express.
 */
final class Utf8 {
    static final String BROKEN = "it holds bytes that are not UTF-8; save the file as UTF-8";

    private static final String MARK = "\uDC00";

    private Utf8() {}

    static BufferedReader reader(InputStream input) {
        return new BufferedReader(
                new InputStreamReader(
                        input,
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPLACE)
                                .onUnmappableCharacter(CodingErrorAction.REPLACE)
                                .replaceWith(MARK)));
    }

    /** Whether bytes that are not UTF-8 stood in a text of {@link #reader}. */
    static boolean isBroken(String text) {
        for (int i = text.indexOf(MARK); i >= 0; i = text.indexOf(MARK, i + 1)) {
            if (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1))) {
                return true;
            }
        }
        return false;
    }
}
