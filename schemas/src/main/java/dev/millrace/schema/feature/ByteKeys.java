package dev.millrace.schema.feature;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A fixed set of strings, looked up by their UTF-8 bytes without making a String. Immutable. Open
 * addressing, at most half full.
 */
final class ByteKeys {
    /** What {@link #index} answers for a string that is not in the set. */
    static final int ABSENT = -1;

    private final byte[][] keys;
    private final int[] table;

    ByteKeys(List<String> names) {
        keys = names.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        table = new int[Integer.highestOneBit(Math.max(1, keys.length)) * 4];
        Arrays.fill(table, ABSENT);
        for (int i = 0; i < keys.length; i++) {
            int slot = hash(keys[i], 0, keys[i].length) & (table.length - 1);
            while (table[slot] != ABSENT && !Arrays.equals(keys[table[slot]], keys[i])) {
                slot = (slot + 1) & (table.length - 1);
            }
            // Of equal names the first one counts.
            if (table[slot] == ABSENT) {
                table[slot] = i;
            }
        }
    }

    int index(byte[] data, int offset, int length) {
        int slot = hash(data, offset, length) & (table.length - 1);
        while (table[slot] != ABSENT) {
            byte[] key = keys[table[slot]];
            if (Arrays.equals(key, 0, key.length, data, offset, offset + length)) {
                return table[slot];
            }
            slot = (slot + 1) & (table.length - 1);
        }
        return ABSENT;
    }

    private static int hash(byte[] data, int offset, int length) {
        int hash = length;
        for (int i = offset; i < offset + length; i++) {
            hash = hash * 31 + data[i];
        }
        hash *= 0x9E37_79B1;
        return hash ^ (hash >>> 15);
    }
}
