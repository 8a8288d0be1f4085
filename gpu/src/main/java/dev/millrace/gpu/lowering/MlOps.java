package dev.millrace.gpu.lowering;

/** The operators of classical machine learning, {@code ai.onnx.ml}. */
final class MlOps {
    private MlOps() {}

    static void register(Operators operators) {
        TreeOps.register(operators);
        FeatureOps.register(operators);
        EncoderOps.register(operators);
        LinearModelOps.register(operators);
        SupportVectorOps.register(operators);
    }
}
