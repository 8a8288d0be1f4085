package dev.millrace.gpu.conformance;

import java.util.Optional;

/**
 * How far an output may be from the one expected: {@code |actual - expected| <= absolute + relative
 * * |expected|}; NaN equals NaN, infinities and strings must be equal.
 */
public record Tolerance(double relative, double absolute) {
    /** What ONNX's own runner of these tests allows. */
    public static final Tolerance ONNX = new Tolerance(1e-3, 1e-7);

    /** Says where two tensors differ; empty if they agree. */
    Optional<String> difference(TestTensor expected, TestTensor actual) {
        if (expected.type() != actual.type()) {
            return Optional.of("type %s, expected %s".formatted(actual.type(), expected.type()));
        }
        if (!expected.shape().equals(actual.shape())) {
            return Optional.of("shape %s, expected %s".formatted(actual.shape(), expected.shape()));
        }
        int elements = expected.elements();
        int differing = 0;
        int first = -1;
        for (int element = 0; element < elements; element++) {
            if (!agree(expected, actual, element)) {
                differing++;
                first = first < 0 ? element : first;
            }
        }
        if (differing == 0) {
            return Optional.empty();
        }
        return Optional.of(
                "%d of %d elements differ; the first is [%d]: %s, expected %s"
                        .formatted(
                                differing,
                                elements,
                                first,
                                text(actual, first),
                                text(expected, first)));
    }

    private boolean agree(TestTensor expected, TestTensor actual, int element) {
        if (expected.isStrings()) {
            return expected.strings().get(element).equals(actual.strings().get(element));
        }
        double wanted = expected.number(element);
        double got = actual.number(element);
        if (wanted == got || (Double.isNaN(wanted) && Double.isNaN(got))) {
            return true;
        }
        if (Double.isInfinite(wanted)) {
            return false;
        }
        return Math.abs(got - wanted) <= absolute + relative * Math.abs(wanted);
    }

    private static String text(TestTensor tensor, int element) {
        return tensor.isStrings()
                ? "'" + tensor.strings().get(element) + "'"
                : Double.toString(tensor.number(element));
    }
}
