package dev.millrace.gpu.testing;

import java.util.Random;

/** Floats that break careless arithmetic, among ordinary ones. */
public final class Adversary {
    private static final float[] VALUES = {
        0f,
        -0f,
        Float.NaN,
        Float.intBitsToFloat(0xffc12345),
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        -Float.MAX_VALUE,
        Float.MAX_VALUE,
        1f,
        -1f,
        1e-30f,
        3e38f
    };

    private Adversary() {}

    /** One value in eight is an extreme one. */
    public static float[] floats(Random random, int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] =
                    random.nextInt(8) == 0
                            ? VALUES[random.nextInt(VALUES.length)]
                            : (float) random.nextGaussian();
        }
        return floats;
    }

    /** A threshold: anything but NaN. */
    static float threshold(Random random) {
        float value = floats(random, 1)[0];
        return Float.isNaN(value) ? 0 : value;
    }
}
