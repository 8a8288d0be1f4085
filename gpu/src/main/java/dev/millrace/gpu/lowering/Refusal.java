package dev.millrace.gpu.lowering;

/** The plan cannot express something of the model; the message says what. */
final class Refusal extends RuntimeException {
    private final String neededInput;
    private final String node;
    private final String operator;

    Refusal(String message) {
        this(message, "");
    }

    /**
     * @param neededInput name of the model input that would have to be a constant, or empty
     */
    Refusal(String message, String neededInput) {
        this(message, neededInput, "", "", null);
    }

    private Refusal(
            String message, String neededInput, String node, String operator, Throwable cause) {
        super(message, cause, false, false);
        this.neededInput = neededInput;
        this.node = node;
        this.operator = operator;
    }

    /** The same, with the node it is about; the innermost node stays. */
    Refusal at(String nodeName, String nodeOperator) {
        if (!operator.isEmpty()) {
            return this;
        }
        return new Refusal(getMessage(), neededInput, nodeName, nodeOperator, getCause());
    }

    /** What a file that breaks the rules of ONNX makes of the lowering of a node. */
    static Refusal malformed(RuntimeException cause) {
        return new Refusal("the node is malformed: " + cause, "", "", "", cause);
    }

    String neededInput() {
        return neededInput;
    }

    String node() {
        return node;
    }

    String operator() {
        return operator;
    }

    /** Checks something that a well-formed and covered model fulfils. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation would need a dependency
    static void unless(boolean condition, String format, Object... arguments) {
        if (!condition) {
            throw new Refusal(format.formatted(arguments));
        }
    }
}
