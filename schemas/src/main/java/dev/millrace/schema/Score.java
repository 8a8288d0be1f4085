package dev.millrace.schema;

import java.util.Arrays;
import java.util.List;

/**
 * The value of one score as it was written: a scalar or a vector of one type. Equal means equal
 * bits: NaN equals itself, 0.0 does not equal -0.0. Immutable.
 */
public final class Score {
    private final ScoreType type;
    private final boolean scalar;

    /** Raw bits of the values, widened; none for strings. */
    private final long[] bits;

    private final List<String> texts;

    Score(ScoreType type, boolean scalar, long[] bits) {
        this.type = type;
        this.scalar = scalar;
        this.bits = bits;
        this.texts = List.of();
    }

    Score(boolean scalar, List<String> texts) {
        this.type = ScoreType.STRING;
        this.scalar = scalar;
        this.bits = new long[0];
        this.texts = List.copyOf(texts);
    }

    /** The type of the values; booleans of a vector were written as longs and are such. */
    public ScoreType type() {
        return type;
    }

    public boolean scalar() {
        return scalar;
    }

    /** How many values: 1 for a scalar. */
    public int size() {
        return type == ScoreType.STRING ? texts.size() : bits.length;
    }

    public boolean numeric() {
        return type != ScoreType.STRING;
    }

    /**
     * A value as a number, booleans as 0 and 1.
     *
     * @throws IllegalStateException if it is a string
     */
    public double number(int index) {
        return switch (type) {
            case FLOAT -> Float.intBitsToFloat((int) bits[index]);
            case DOUBLE -> Double.longBitsToDouble(bits[index]);
            case LONG, BOOLEAN -> (double) bits[index];
            case STRING -> throw new IllegalStateException("A string is no number: " + this);
        };
    }

    /**
     * The raw bits of a number, of a float the lower 32, of an integer itself.
     *
     * @throws IllegalStateException if it is a string
     */
    public long bits(int index) {
        if (type == ScoreType.STRING) {
            throw new IllegalStateException("A string has no bits: " + this);
        }
        return bits[index];
    }

    /** A value as text, numbers so that they read back to the same bits. */
    public String text(int index) {
        return switch (type) {
            case FLOAT -> Float.toString(Float.intBitsToFloat((int) bits[index]));
            case DOUBLE -> Double.toString(Double.longBitsToDouble(bits[index]));
            case LONG -> Long.toString(bits[index]);
            case BOOLEAN -> Boolean.toString(bits[index] != 0);
            case STRING -> texts.get(index);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Score score
                && type == score.type
                && scalar == score.scalar
                && Arrays.equals(bits, score.bits)
                && texts.equals(score.texts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bits) * 31 + texts.hashCode();
    }

    /** For people: a scalar's text, or a vector's texts in brackets. */
    @Override
    public String toString() {
        if (scalar) {
            return text(0);
        }
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < size(); i++) {
            out.append(i == 0 ? "" : ", ").append(text(i));
        }
        return out.append(']').toString();
    }
}
