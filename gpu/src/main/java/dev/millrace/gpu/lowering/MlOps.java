package dev.millrace.gpu.lowering;

/** The operators of classical machine learning, {@code ai.onnx.ml}. */
final class MlOps {
    private MlOps() {}

    static void register(Operators operators) {
        TreeOps.register(operators);
    }
}
