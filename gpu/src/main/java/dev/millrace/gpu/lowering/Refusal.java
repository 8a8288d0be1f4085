package dev.millrace.gpu.lowering;

/**
 * The plan cannot express something of the model; the message says what and, if any, the way out.
 */
final class Refusal extends RuntimeException {
    private final String neededInput;

    Refusal(String message) {
        this(message, "");
    }

    /**
     * @param neededInput name of the model input that would have to be a constant, or empty
     */
    Refusal(String message, String neededInput) {
        super(message, null, false, false);
        this.neededInput = neededInput;
    }

    String neededInput() {
        return neededInput;
    }

    /** Checks something that a well-formed and covered model fulfils. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation would need a dependency
    static void unless(boolean condition, String format, Object... arguments) {
        if (!condition) {
            throw new Refusal(format.formatted(arguments));
        }
    }
}
