package dev.millrace.schema.feature;

/**
 * The compiled form of a plan.
 *
 * @param code steps as {@link Op} describes them
 * @param paths by step, the field it reads, for messages
 * @param images constant rows of bytes, in native byte order
 * @param enums from a writer's symbol to the value it stands for, or {@link #UNKNOWN_SYMBOL}
 * @param keys sets of known strings
 * @param maps what to do with each map; its marks belong to one plan
 * @param defaults values of the reader's schema, in Avro binary
 * @param messages why records are refused
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared, read on the data path
record Program(
        int[] code,
        String[] paths,
        byte[][] images,
        int[][] enums,
        ByteKeys[] keys,
        MapSteps[] maps,
        byte[][] defaults,
        String[] messages) {
    static final int UNKNOWN_SYMBOL = Integer.MIN_VALUE;
}
