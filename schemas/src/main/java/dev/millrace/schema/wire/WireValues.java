package dev.millrace.schema.wire;

import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;

/** Checks that every format begins with. */
final class WireValues {
    private WireValues() {}

    static void checkPresent(byte[] value) throws RecordDecodingException {
        if (value == null) {
            throw new RecordDecodingException(
                    Kind.MISSING, "The record has no value (a tombstone): nothing to score");
        }
    }
}
