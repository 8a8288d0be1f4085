package dev.millrace.gpu.cpu;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Arrays that start a cache line, for loops that HotSpot turns into vector code: such a loop takes
 * one element at a time until its first array reaches a whole vector, up to sixteen of them, which
 * can cost more than all the rest. An array that starts a line has element {@link #LEAD} at the
 * start of the next one; a loop from {@link #FIRST} then takes a single element by itself.
 *
 * <p>Where an array lies is read from the reference to it, in the manner of HotSpot up to JDK 23;
 * on other machines, and where the reading deceives, arrays lie anywhere and loops are slower.
 * Nothing else hangs on it: the collector may move an array at any time.
 */
final class LineArrays {
    /** Floats of a cache line, and of the widest vector. */
    static final int LINE = 16;

    /** The first element that is used: what an array's header of 16 bytes leaves of a line. */
    static final int LEAD = 12;

    /** Where loops start: one element ahead, as a loop takes at least one by itself. */
    static final int FIRST = LEAD - 1;

    private static final int LINE_BYTES = 64;
    private static final int HEADER_BYTES = 16;

    /** An array, a filler, an array: more only where another thread or the collector cuts in. */
    private static final int ATTEMPTS = 4;

    private static final int LAST_KNOWN_JAVA = 23;

    /** So many arrays in a row that would not start a line, and the reading is not believed. */
    private static final int MOST_MISSES = 64;

    private static final Optional<References> REFERENCES = References.find();
    private static final AtomicInteger MISSES = new AtomicInteger();

    /** Keeps the compiler from leaving fillers out. */
    @SuppressWarnings("unused")
    private static volatile byte[] filler;

    private LineArrays() {}

    /** How many elements a loop over so many should take: whole vectors. */
    static int whole(int floats) {
        return (floats + LINE - 1) / LINE * LINE;
    }

    /** Where a loop over so many elements ends. */
    static int end(int floats) {
        return LEAD + whole(floats);
    }

    /** Arrays with room for so many elements from {@link #LEAD} on, in whole vectors. */
    static float[][] allocate(int arrays, int floats) {
        float[][] made = new float[arrays][];
        for (int i = 0; i < arrays; i++) {
            made[i] = new float[end(floats)];
            place(made, i);
        }
        return made;
    }

    /** Makes those arrays anew that do not start a line any more; what they held is lost. */
    static void renew(float[][] scratch) {
        for (int i = 0; i < scratch.length; i++) {
            if (!startsLine(scratch, i)) {
                place(scratch, i);
            }
        }
    }

    /** Whether the array starts a line, as far as this JVM tells. */
    static boolean startsLine(float[][] arrays, int i) {
        return !isReadable() || REFERENCES.get().lineOffset(arrays, i) == 0;
    }

    /** Whether this JVM tells where arrays lie. */
    static boolean isReadable() {
        return REFERENCES.isPresent() && MISSES.get() < MOST_MISSES;
    }

    private static void place(float[][] arrays, int i) {
        if (!isReadable()) {
            return;
        }
        References references = REFERENCES.get();
        int floats = arrays[i].length;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int offset = references.lineOffset(arrays, i);
            if (offset == 0) {
                MISSES.setPlain(0);
                return;
            }
            // Arrays take whole lines, so the next one would start where this one did in its line.
            int missing = LINE_BYTES - offset;
            int bytes = missing < HEADER_BYTES ? missing + LINE_BYTES : missing;
            filler = new byte[bytes - HEADER_BYTES];
            arrays[i] = new float[floats];
        }
        MISSES.set(startsLine(arrays, i) ? 0 : MISSES.get() + 1);
    }

    /** Reads references as numbers. */
    private static final class References {
        /** {@code (Object array, long offset)} to the reference there, compressed or not. */
        private final MethodHandle read;

        private final long first;
        private final int distance;
        private int shift;

        private References(MethodHandle read, long first, int distance) {
            this.read = read;
            this.first = first;
            this.distance = distance;
        }

        static Optional<References> find() {
            if (Runtime.version().feature() > LAST_KNOWN_JAVA) {
                return Optional.empty();
            }
            try {
                Class<?> type = Class.forName("sun.misc.Unsafe");
                Field field = type.getDeclaredField("theUnsafe");
                field.setAccessible(true);
                Object unsafe = field.get(null);
                int first =
                        (int)
                                type.getMethod("arrayBaseOffset", Class.class)
                                        .invoke(unsafe, float[][].class);
                int distance =
                        (int)
                                type.getMethod("arrayIndexScale", Class.class)
                                        .invoke(unsafe, float[][].class);
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                boolean compressed = distance == Integer.BYTES;
                MethodHandle read =
                        lookup.findVirtual(
                                        type,
                                        compressed ? "getInt" : "getLong",
                                        MethodType.methodType(
                                                compressed ? int.class : long.class,
                                                Object.class,
                                                long.class))
                                .bindTo(unsafe)
                                .asType(
                                        MethodType.methodType(
                                                long.class, Object.class, long.class));
                References references = new References(read, first, distance);
                references.shift = references.findShift();
                return Optional.of(references);
            } catch (ReflectiveOperationException | RuntimeException e) {
                return Optional.empty();
            }
        }

        /** Small arrays lie at odd multiples of 8 too: so do compressed references, if shifted. */
        private int findShift() {
            float[][] probes = new float[64][];
            long bits = 0;
            for (int i = 0; i < probes.length; i++) {
                probes[i] = new float[2];
                bits |= reference(probes, i);
            }
            return (bits & 7) == 0 ? 0 : 3;
        }

        /** How many bytes after the start of a cache line the array starts. */
        int lineOffset(float[][] arrays, int i) {
            return (int) (reference(arrays, i) << shift) & (LINE_BYTES - 1);
        }

        private long reference(float[][] arrays, int i) {
            try {
                return (long) read.invokeExact((Object) arrays, first + (long) i * distance);
            } catch (Throwable e) {
                throw new IllegalStateException("A reference cannot be read", e);
            }
        }
    }
}
