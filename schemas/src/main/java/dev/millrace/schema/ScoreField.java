package dev.millrace.schema;

/**
 * One entry of a scored record's map of scores: which model output it takes and under which name it
 * is written.
 *
 * @param name the name in the scored record; may differ from the output's
 * @param output index of the output's buffer among those handed to the encoder
 * @param layout how the output lies in its buffer
 * @param element the one element of the row to write, or {@link #WHOLE_ROW}
 */
public record ScoreField(String name, int output, TensorLayout layout, int element) {
    /** Writes a scalar row as a scalar and any other row as a vector. */
    public static final int WHOLE_ROW = -1;

    public ScoreField {
        if (element != WHOLE_ROW && (element < 0 || element >= layout.rowElements())) {
            throw new IllegalArgumentException(
                    "Score %s takes element %d of output %s, which has %d elements a row"
                            .formatted(name, element, layout.name(), layout.rowElements()));
        }
        if (layout.type() == TensorType.UINT64) {
            throw new IllegalArgumentException(
                    "Output %s is uint64, which Avro cannot hold; cast it to int64 in the model or leave it out"
                            .formatted(layout.name()));
        }
    }

    /** The whole row of an output under its own name. */
    public static ScoreField of(int output, TensorLayout layout) {
        return new ScoreField(layout.name(), output, layout, WHOLE_ROW);
    }

    /** The same score under another name. */
    public ScoreField named(String otherName) {
        return new ScoreField(otherName, output, layout, element);
    }

    /** One element of the output, written as a scalar. */
    public ScoreField element(int index) {
        return new ScoreField(name, output, layout, index);
    }

    boolean scalar() {
        return element != WHOLE_ROW || layout.scalar();
    }
}
