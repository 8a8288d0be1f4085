package dev.millrace.gpu.lowering;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The operators that the plan can express, by domain and name. */
final class Operators {
    static final String MACHINE_LEARNING = "ai.onnx.ml";
    static final String CONTRIBUTED = "com.microsoft";

    private final Map<String, Lowering> lowerings = new HashMap<>();

    Operators() {
        ElementwiseOps.register(this);
        LinearOps.register(this);
        ViewOps.register(this);
        ReductionOps.register(this);
        MlOps.register(this);
        ConvolutionOps.register(this);
        NormalizationOps.register(this);
        RecurrentOps.register(this);
        AttentionOps.register(this);
        QuantizationOps.register(this);
    }

    /** Adds an operator of the standard domain. */
    void standard(String operator, Lowering lowering) {
        add("", operator, lowering);
    }

    /** Adds an operator of {@code ai.onnx.ml}. */
    void machineLearning(String operator, Lowering lowering) {
        add(MACHINE_LEARNING, operator, lowering);
    }

    /** Adds an operator that ONNX Runtime brings along ({@code com.microsoft}). */
    void contributed(String operator, Lowering lowering) {
        add(CONTRIBUTED, operator, lowering);
    }

    private void add(String domain, String operator, Lowering lowering) {
        if (lowerings.put(qualified(domain, operator), lowering) != null) {
            throw new IllegalStateException("Operator added twice: " + operator);
        }
    }

    Optional<Lowering> find(String domain, String operator) {
        return Optional.ofNullable(lowerings.get(qualified(domain, operator)));
    }

    /** An operator's name with its domain, unless that is the standard one. */
    static String qualified(String domain, String operator) {
        String known = standardDomain(domain);
        return known.isEmpty() ? operator : known + "." + operator;
    }

    /** The domain, the standard one under its shorter name. */
    static String standardDomain(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }
}
