package dev.millrace.schema.feature;

/**
 * What a plan does with a map: a program for each wanted key, one for a key nobody wants, and one
 * for each wanted key that did not come. The marks say in which reading of a map a key was last
 * seen; they change with every record.
 */
final class MapSteps {
    final ByteKeys keys;
    final int[] valuePrograms;
    final int[] missingPrograms;
    final int skipProgram;
    final int leastEntryBytes;
    final long[] seen;

    MapSteps(
            ByteKeys keys,
            int[] valuePrograms,
            int[] missingPrograms,
            int skipProgram,
            int leastEntryBytes) {
        this.keys = keys;
        this.valuePrograms = valuePrograms;
        this.missingPrograms = missingPrograms;
        this.skipProgram = skipProgram;
        this.leastEntryBytes = leastEntryBytes;
        this.seen = new long[valuePrograms.length];
    }
}
