package dev.millrace.schema.feature;

import java.util.Arrays;
import java.util.Random;

/** Damages bytes the way wires, disks and other programs do. */
public final class Mutations {
    private static final byte[][] NASTY = {
        {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F},
        {
            (byte) 0xFF,
            (byte) 0xFF,
            (byte) 0xFF,
            (byte) 0xFF,
            (byte) 0xFF,
            (byte) 0xFF,
            (byte) 0xFF,
            (byte) 0xFF,
            (byte) 0xFF,
            0x01
        },
        {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F},
        {1},
        {3},
        {(byte) 0x80, 0},
        {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80},
    };

    private Mutations() {}

    public static byte[] mutate(byte[] value, Random random) {
        byte[] damaged = value;
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times; i++) {
            damaged = once(damaged, random);
        }
        return damaged;
    }

    private static byte[] once(byte[] value, Random random) {
        if (value.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(value.length);
        return switch (random.nextInt(7)) {
            case 0 -> Arrays.copyOf(value, at);
            case 1 -> splice(value, at, at + 1, new byte[0]);
            case 2 -> splice(value, at, at, new byte[] {(byte) random.nextInt()});
            case 3 -> splice(value, at, at + 1, NASTY[random.nextInt(NASTY.length)]);
            case 4 ->
                    splice(
                            value,
                            at,
                            at,
                            Arrays.copyOfRange(
                                    value, at, Math.min(value.length, at + random.nextInt(16))));
            case 5 -> splice(value, at, at + 1, new byte[] {(byte) random.nextInt()});
            default ->
                    splice(
                            value,
                            at,
                            at + 1,
                            new byte[] {(byte) (value[at] ^ (1 << random.nextInt(8)))});
        };
    }

    private static byte[] splice(byte[] value, int from, int to, byte[] with) {
        byte[] result = new byte[value.length - (to - from) + with.length];
        System.arraycopy(value, 0, result, 0, from);
        System.arraycopy(with, 0, result, from, with.length);
        System.arraycopy(value, to, result, from + with.length, value.length - to);
        return result;
    }
}
