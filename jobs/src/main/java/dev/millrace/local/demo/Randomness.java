package dev.millrace.local.demo;

/**
 * Random numbers that are a pure function of a seed and a record's number, so that any record can
 * be made again on its own. SplitMix64 (Steele, Lea and Flood, 2014). Reusable; one thread.
 */
final class Randomness {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private final long seed;
    private long state;

    Randomness(long seed) {
        this.seed = mix(seed + GOLDEN_GAMMA);
    }

    /** Starts the numbers that belong to a record (or a card, or a merchant). */
    Randomness at(long number) {
        state = mix(seed ^ mix(number + GOLDEN_GAMMA));
        return this;
    }

    long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /** Evenly from 0 to 1, without 1. */
    double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Evenly from 0 to {@code bound}, without it. */
    int nextInt(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    private static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
