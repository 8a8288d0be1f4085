package dev.millrace.gpu.math;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The error function to about 2 ulp of a double: Taylor polynomials around multiples of 1/16 whose
 * coefficients come from series in 60 digits.
 */
final class ErfReference {
    private static final MathContext DIGITS = new MathContext(60);
    private static final BigDecimal PI =
            new BigDecimal("3.14159265358979323846264338327950288419716939937510582097494459");
    private static final int NODES = 65;
    private static final int TERMS = 13;

    /** Per node the Taylor coefficients; the constant term as a sum of two doubles. */
    private static final double[][] COEFFICIENTS = new double[NODES][TERMS + 1];

    static {
        BigDecimal factor = BigDecimal.valueOf(2).divide(PI.sqrt(DIGITS), DIGITS);
        for (int node = 0; node < NODES; node++) {
            BigDecimal x = BigDecimal.valueOf(node).divide(BigDecimal.valueOf(16), DIGITS);
            fill(COEFFICIENTS[node], x, factor);
        }
    }

    private ErfReference() {}

    static double erf(double x) {
        double a = Math.abs(x);
        if (a > 4.0) {
            return Math.copySign(1.0, x);
        }
        int node = (int) Math.rint(a * 16);
        double h = a - node / 16.0;
        double[] c = COEFFICIENTS[node];
        double p = c[TERMS - 1];
        for (int i = TERMS - 2; i >= 1; i--) {
            p = Math.fma(p, h, c[i]);
        }
        return Math.copySign(c[0] + Math.fma(p, h, c[TERMS]), x);
    }

    private static void fill(double[] c, BigDecimal x, BigDecimal factor) {
        BigDecimal value = series(x).multiply(factor, DIGITS);
        c[0] = value.doubleValue();
        c[TERMS] = value.subtract(new BigDecimal(c[0])).doubleValue();
        // The derivative g satisfies g' = -2 (x + h) g.
        BigDecimal before = BigDecimal.ZERO;
        BigDecimal g = gaussian(x).multiply(factor, DIGITS);
        for (int n = 1; n < TERMS; n++) {
            c[n] = g.divide(BigDecimal.valueOf(n), DIGITS).doubleValue();
            BigDecimal next =
                    x.multiply(g, DIGITS)
                            .add(before)
                            .multiply(BigDecimal.valueOf(-2))
                            .divide(BigDecimal.valueOf(n), DIGITS);
            before = g;
            g = next;
        }
    }

    /** The sum of (-1)^n x^(2n+1) / (n! (2n+1)). */
    static BigDecimal series(BigDecimal x) {
        BigDecimal square = x.multiply(x, DIGITS).negate();
        BigDecimal term = x;
        BigDecimal sum = BigDecimal.ZERO;
        for (int n = 0; n < 160; n++) {
            sum = sum.add(term.divide(BigDecimal.valueOf(2L * n + 1), DIGITS), DIGITS);
            term = term.multiply(square, DIGITS).divide(BigDecimal.valueOf(n + 1L), DIGITS);
        }
        return sum;
    }

    private static BigDecimal gaussian(BigDecimal x) {
        BigDecimal square = x.multiply(x, DIGITS).negate();
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ZERO;
        for (int n = 1; n < 160; n++) {
            sum = sum.add(term, DIGITS);
            term = term.multiply(square, DIGITS).divide(BigDecimal.valueOf(n), DIGITS);
        }
        return sum;
    }

    /** erf straight from the series, for checking this class. */
    static BigDecimal exact(double x) {
        return series(new BigDecimal(x))
                .multiply(BigDecimal.valueOf(2).divide(PI.sqrt(DIGITS), DIGITS), DIGITS);
    }
}
