package dev.millrace.local.demo;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The account of what became of every submitted record: one bit per record of the source topic.
 * Whatever order the topics are read in, it tells what is missing, what came twice and what came
 * out of order. One thread writes; {@link #totals()} may be read by any thread.
 */
final class Ledger {
    /** Where a record ended. */
    enum Outcome {
        SCORED,
        DEAD_LETTER
    }

    /**
     * A consistent view of the account.
     *
     * @param scored records seen in the scored topic, repetitions included
     * @param deadLetters records seen in the dead-letter topic, repetitions included
     * @param doubled records that were seen again after they had been seen
     * @param outOfOrder records seen after a later record of their partition and outcome
     */
    record Totals(long scored, long deadLetters, long doubled, long outOfOrder) {
        /** Different records seen. */
        long accounted() {
            return scored + deadLetters - doubled;
        }
    }

    private final BitSet[] seen;
    private final long[] lastScored;
    private final long[] lastDeadLetter;
    private volatile Totals totals = new Totals(0, 0, 0, 0);
    private long scored;
    private long deadLetters;
    private long doubled;
    private long outOfOrder;

    /**
     * @param partitions number of partitions of the source topic
     */
    Ledger(int partitions) {
        seen = new BitSet[partitions];
        Arrays.setAll(seen, partition -> new BitSet());
        lastScored = new long[partitions];
        lastDeadLetter = new long[partitions];
        Arrays.fill(lastScored, -1);
        Arrays.fill(lastDeadLetter, -1);
    }

    /** Enters that the record at a position of the source topic has come out. */
    void enter(Outcome outcome, int partition, long offset) {
        long[] last =
                switch (outcome) {
                    case SCORED -> {
                        scored++;
                        yield lastScored;
                    }
                    case DEAD_LETTER -> {
                        deadLetters++;
                        yield lastDeadLetter;
                    }
                };
        int position = Math.toIntExact(offset);
        if (seen[partition].get(position)) {
            doubled++;
        }
        seen[partition].set(position);
        if (offset < last[partition]) {
            outOfOrder++;
        }
        last[partition] = offset;
    }

    /** Makes what was entered so far visible to {@link #totals()}. */
    void publish() {
        totals = new Totals(scored, deadLetters, doubled, outOfOrder);
    }

    Totals totals() {
        return totals;
    }

    /**
     * Number of records that have not come out.
     *
     * @param ends the end offset of each partition of the source topic, which starts at 0
     */
    long missing(long[] ends) {
        long missing = 0;
        for (int partition = 0; partition < ends.length; partition++) {
            int end = Math.toIntExact(ends[partition]);
            missing += end - seen[partition].get(0, end).cardinality();
        }
        return missing;
    }

    /** The first records that have not come out, as {@code partition:offset}, for messages. */
    String firstMissing(long[] ends, int atMost) {
        StringBuilder list = new StringBuilder();
        int listed = 0;
        for (int partition = 0; partition < ends.length; partition++) {
            int offset = seen[partition].nextClearBit(0);
            while (offset < ends[partition] && listed < atMost) {
                list.append(listed == 0 ? "" : ", ").append(partition).append(':').append(offset);
                listed++;
                offset = seen[partition].nextClearBit(offset + 1);
            }
        }
        return list.toString();
    }
}
