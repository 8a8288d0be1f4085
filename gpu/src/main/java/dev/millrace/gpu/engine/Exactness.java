package dev.millrace.gpu.engine;

/**
 * How far the bits of a score can be relied on. Every engine and every scored record reports it.
 */
public enum Exactness {
    /** Same bits in any micro-batch, on any device and backend of the portable plan. */
    PORTABLE,
    /** Same bits in any micro-batch on one device architecture. */
    DEVICE,
    /** No promise: bits may depend on the micro-batch. */
    NONE
}
