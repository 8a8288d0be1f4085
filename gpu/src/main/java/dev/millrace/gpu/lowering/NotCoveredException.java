package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.EngineException;

/** The portable plan does not cover a model; the message says which node, why and the way out. */
public final class NotCoveredException extends EngineException {
    private final String node;
    private final String operator;
    private final String neededInput;

    NotCoveredException(String message, String node, String operator, String neededInput) {
        super(Kind.MODEL, message);
        this.node = node;
        this.operator = operator;
        this.neededInput = neededInput;
    }

    /** Name of the node in the way; empty if it is not one node. */
    public String node() {
        return node;
    }

    /** Its operator, with the domain if it is not the standard one; empty if not one node. */
    public String operator() {
        return operator;
    }

    /**
     * Name of the model input that would have to be a constant of the model for the node to be
     * covered: shapes and axes that come with the record. Empty if that would not help.
     */
    public String neededInput() {
        return neededInput;
    }
}
