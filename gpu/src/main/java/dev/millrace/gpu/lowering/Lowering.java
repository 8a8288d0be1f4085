package dev.millrace.gpu.lowering;

/** Turns one node of one operator into computations of the plan. Stateless. */
interface Lowering {
    /**
     * Reads the node's inputs and attributes and gives every wanted output.
     *
     * @throws Refusal if the plan cannot express the node
     */
    void lower(NodeContext node);
}
