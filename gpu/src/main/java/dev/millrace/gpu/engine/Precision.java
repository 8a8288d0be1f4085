package dev.millrace.gpu.engine;

/** The arithmetic a model is scored in. Part of a score's identity. */
public enum Precision {
    FP32,
    FP16,
    BF16,
    INT8
}
