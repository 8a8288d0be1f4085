package dev.millrace.gpu.math;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures how many floats lie between a function's results and the correctly rounded ones. {@code
 * main} tries every float there is and takes minutes; tests try a sample.
 *
 * <p>The reference is a double within {@code margin} ulp of the true value, so the correctly
 * rounded float is the rounding of one end of that interval or of the other; the larger distance
 * counts. The figure is therefore an upper bound, and it is exact but for the rare inputs whose
 * interval straddles a rounding boundary.
 */
final class UlpSurvey {
    /** A function and what it is measured against. */
    record Subject(String name, FloatFunction function, DoubleFunction reference, int margin) {}

    interface FloatFunction {
        float apply(float x);
    }

    interface DoubleFunction {
        double apply(double x);
    }

    /** What was found over some inputs. */
    static final class Finding {
        long inputs;
        long exact;
        long worst;
        float worstAt;
        String contradiction = "";

        void add(Finding other) {
            inputs += other.inputs;
            exact += other.exact;
            if (other.worst > worst) {
                worst = other.worst;
                worstAt = other.worstAt;
            }
            if (contradiction.isEmpty()) {
                contradiction = other.contradiction;
            }
        }
    }

    private UlpSurvey() {}

    /**
     * The five functions whose accuracy is promised; Math's own errors are at most 1 and 2.5 ulp.
     */
    static List<Subject> subjects() {
        return List.of(
                new Subject("exp", FloatMath::exp, Math::exp, 1),
                new Subject("log", FloatMath::log, Math::log, 1),
                new Subject("tanh", FloatMath::tanh, Math::tanh, 3),
                new Subject("erf", FloatMath::erf, ErfReference::erf, 4),
                new Subject("sigmoid", FloatMath::sigmoid, UlpSurvey::sigmoid, 4));
    }

    private static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x < 0 ? e : 1.0) / (1.0 + e);
    }

    /** Tries the bit patterns from (inclusive) to to (exclusive) in steps. */
    static Finding survey(Subject subject, long from, long to, long step) {
        Finding finding = new Finding();
        for (long bits = from; bits < to; bits += step) {
            float x = Float.intBitsToFloat((int) bits);
            float result = subject.function().apply(x);
            double reference = subject.reference().apply(x);
            if (Float.isNaN(result) || Double.isNaN(reference)) {
                if (Float.isNaN(result) != Double.isNaN(reference)) {
                    finding.contradiction = contradiction(subject, x, result, reference);
                }
                continue;
            }
            boolean exact = reference == 0 || Double.isInfinite(reference);
            double slack = exact ? 0 : subject.margin() * Math.ulp(reference);
            long distance =
                    Math.max(
                            distance(result, (float) (reference - slack)),
                            distance(result, (float) (reference + slack)));
            finding.inputs++;
            if (distance == 0) {
                finding.exact++;
            } else if (distance > finding.worst) {
                finding.worst = distance;
                finding.worstAt = x;
            }
        }
        return finding;
    }

    private static String contradiction(Subject subject, float x, float result, double reference) {
        return "%s(%a) is %a, should be %a".formatted(subject.name(), x, result, reference);
    }

    /** Number of steps from one float to the other; +0 and -0 are one step apart. */
    private static long distance(float a, float b) {
        return Math.abs(position(a) - position(b));
    }

    private static long position(float x) {
        int bits = Float.floatToRawIntBits(x);
        return bits >= 0 ? bits : -1L - (bits & 0x7fffffff);
    }

    /** Every float, on all processors; prints one line per function. */
    public static void main(String[] arguments) throws InterruptedException, ExecutionException {
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (Subject subject : subjects()) {
                long start = System.nanoTime();
                List<Future<Finding>> parts = new ArrayList<>();
                for (long part = 0; part < 256; part++) {
                    long from = part << 24;
                    parts.add(pool.submit(() -> survey(subject, from, from + (1L << 24), 1)));
                }
                Finding total = new Finding();
                for (Future<Finding> part : parts) {
                    total.add(part.get());
                }
                System.out.printf(
                        "%-8s %d inputs, worst %d ulp at %a, %.4f %% correctly rounded %s(%.0f s)%n",
                        subject.name(),
                        total.inputs,
                        total.worst,
                        total.worstAt,
                        100.0 * total.exact / total.inputs,
                        total.contradiction.isEmpty() ? "" : total.contradiction + " ",
                        (System.nanoTime() - start) / 1e9);
            }
        } finally {
            pool.shutdown();
        }
    }
}
