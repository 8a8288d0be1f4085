package dev.millrace.gpu.math;

import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * Measures how many doubles lie between a function's results and the correctly rounded ones, on
 * random inputs: {@code main} on as many as its argument says, a test on a few.
 */
final class DoubleUlpSurvey {
    /**
     * A function and what it is measured against.
     *
     * @param low where results begin to change
     * @param high where they end to
     */
    record Subject(
            String name,
            DoubleUnaryOperator function,
            UnaryOperator<BigDecimal> reference,
            double low,
            double high) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** What was found over some inputs. */
    static final class Finding {
        long inputs;
        long exact;
        long worst;
        String worstAt = "";

        private void add(double result, double reference, String at) {
            long distance = distance(result, reference);
            inputs++;
            if (distance == 0) {
                exact++;
            } else if (distance > worst) {
                worst = distance;
                worstAt = "%s: %a, should be %a".formatted(at, result, reference);
            }
        }
    }

    private DoubleUlpSurvey() {}

    static List<Subject> subjects() {
        return List.of(
                new Subject("exp", DoubleMath::exp, ExactMath::exp, -746, 710),
                new Subject("expm1", DoubleMath::expm1, ExactMath::expm1, -40, 710),
                new Subject("log", DoubleMath::log, ExactMath::log, 0, Double.MAX_VALUE),
                new Subject("log1p", DoubleMath::log1p, ExactMath::log1p, -1, Double.MAX_VALUE),
                new Subject("tanh", DoubleMath::tanh, ExactMath::tanh, -20, 20),
                new Subject("erf", DoubleMath::erf, ExactMath::erf, -6, 6),
                new Subject("sigmoid", DoubleMath::sigmoid, ExactMath::sigmoid, -746, 40),
                new Subject("softplus", DoubleMath::softplus, ExactMath::softplus, -746, 710),
                new Subject("sinh", DoubleMath::sinh, ExactMath::sinh, -711, 711),
                new Subject("cosh", DoubleMath::cosh, ExactMath::cosh, -711, 711),
                new Subject("asinh", DoubleMath::asinh, ExactMath::asinh, -1e300, 1e300),
                new Subject("acosh", DoubleMath::acosh, ExactMath::acosh, 1, 1e300),
                new Subject("atanh", DoubleMath::atanh, ExactMath::atanh, -1, 1));
    }

    static Finding survey(Subject subject, Random random, int inputs) {
        Finding finding = new Finding();
        while (finding.inputs < inputs) {
            double x = input(subject, random);
            if (x > subject.low() && x < subject.high() && x != 0) {
                double expected = rounded(subject.reference().apply(new BigDecimal(x)));
                finding.add(subject.function().applyAsDouble(x), expected, "%a".formatted(x));
            }
        }
        return finding;
    }

    private static double input(Subject subject, Random random) {
        double sign = random.nextBoolean() ? 1 : -1;
        return switch (random.nextInt(5)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextGaussian();
            case 2 -> subject.low() + random.nextDouble() * (subject.high() - subject.low());
            case 3 -> sign * Math.pow(2, random.nextDouble() * 40 - 30);
            default -> 1 + sign * Math.pow(2, -50 * random.nextDouble());
        };
    }

    /** Powers that neither overflow nor vanish, of bases of any size and of ones near 1. */
    static Finding surveyPow(Random random, int inputs) {
        Finding finding = new Finding();
        while (finding.inputs < inputs) {
            double x =
                    switch (random.nextInt(3)) {
                        case 0 -> Math.abs(Double.longBitsToDouble(random.nextLong()));
                        case 1 -> 1 + random.nextGaussian() * Math.pow(2, -1 - random.nextInt(50));
                        default -> Math.pow(2, 20 * random.nextDouble() - 10);
                    };
            double most = (random.nextDouble() * 1456 - 746) / Math.log(x);
            double y = random.nextBoolean() ? most : random.nextGaussian() * 3;
            if (!(x > 0 && x < Double.POSITIVE_INFINITY && x != 1) || Double.isInfinite(y)) {
                continue;
            }
            BigDecimal log = ExactMath.log(new BigDecimal(x));
            BigDecimal power = log.multiply(new BigDecimal(y), ExactMath.DIGITS);
            if (Math.abs(power.doubleValue()) < 800) {
                double expected = rounded(ExactMath.exp(power));
                finding.add(DoubleMath.pow(x, y), expected, "%a, %a".formatted(x, y));
            }
        }
        return finding;
    }

    private static double rounded(BigDecimal exact) {
        return exact.round(ExactMath.DIGITS).doubleValue();
    }

    /** Number of steps from one double to the other; infinite for NaN. */
    private static long distance(double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return Long.MAX_VALUE;
        }
        return Math.abs(position(a) - position(b));
    }

    private static long position(double x) {
        long bits = Double.doubleToRawLongBits(x);
        return bits >= 0 ? bits : -1L - (bits & Long.MAX_VALUE);
    }

    /** Prints one line per function; arguments: inputs per function, seed. */
    public static void main(String[] arguments) {
        int inputs = Integer.parseInt(arguments[0]);
        long seed = Long.parseLong(arguments[1]);
        for (Subject subject : subjects()) {
            print(subject.name(), survey(subject, new Random(seed), inputs));
        }
        print("pow", surveyPow(new Random(seed), inputs));
    }

    private static void print(String name, Finding finding) {
        System.out.printf(
                "%-8s %d inputs, %.3f %% correctly rounded, worst %d ulp %s%n",
                name,
                finding.inputs,
                100.0 * finding.exact / finding.inputs,
                finding.worst,
                finding.worstAt);
    }
}
