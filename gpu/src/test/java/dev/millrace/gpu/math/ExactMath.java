package dev.millrace.gpu.math;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Functions in 60 digits, correct in 45 of them and more, by series. */
final class ExactMath {
    static final MathContext DIGITS = new MathContext(60);

    private static final BigDecimal ONE = BigDecimal.ONE;
    private static final BigDecimal TWO = BigDecimal.valueOf(2);
    private static final BigDecimal SMALL = new BigDecimal("0.01");

    /** 2 atanh(1/3). */
    static final BigDecimal LN2 = logarithm(TWO);

    private static final BigDecimal PI =
            new BigDecimal("3.14159265358979323846264338327950288419716939937510582097494459");

    private ExactMath() {}

    static BigDecimal exp(BigDecimal x) {
        int n = x.divide(LN2, DIGITS).setScale(0, RoundingMode.HALF_EVEN).intValueExact();
        BigDecimal rest = x.subtract(LN2.multiply(BigDecimal.valueOf(n)));
        return expm1Series(rest).add(ONE).multiply(TWO.pow(n, DIGITS), DIGITS);
    }

    static BigDecimal expm1(BigDecimal x) {
        boolean small = x.abs().compareTo(SMALL) < 0;
        return small ? expm1Series(x) : exp(x).subtract(ONE);
    }

    /** For x of up to ln(2)/2. */
    private static BigDecimal expm1Series(BigDecimal x) {
        BigDecimal term = ONE;
        BigDecimal sum = BigDecimal.ZERO;
        for (int n = 1; n < 45; n++) {
            term = term.multiply(x, DIGITS).divide(BigDecimal.valueOf(n), DIGITS);
            sum = sum.add(term, DIGITS);
        }
        return sum;
    }

    static BigDecimal log(BigDecimal x) {
        int exponent = binaryExponent(x);
        BigDecimal scaled = x.multiply(TWO.pow(-exponent, DIGITS), DIGITS);
        BigDecimal whole = LN2.multiply(BigDecimal.valueOf(exponent), DIGITS);
        return whole.add(log1p(scaled.subtract(ONE)), DIGITS);
    }

    /** Near zero by the series, else by a step of Halley's from a double: it triples the digits. */
    static BigDecimal log1p(BigDecimal x) {
        if (x.abs().compareTo(SMALL) < 0) {
            return logarithm(ONE.add(x), x);
        }
        if (x.compareTo(ONE) > 0) {
            return log(ONE.add(x));
        }
        BigDecimal first = new BigDecimal(Math.log1p(x.doubleValue()));
        BigDecimal power = exp(first);
        BigDecimal argument = ONE.add(x);
        BigDecimal step =
                argument.subtract(power).divide(argument.add(power), DIGITS).multiply(TWO);
        return first.add(step, DIGITS);
    }

    /** An e for which x / 2^e is near 1. */
    private static int binaryExponent(BigDecimal x) {
        int decimal = x.precision() - x.scale();
        BigDecimal digits = x.movePointLeft(decimal);
        double log = decimal * Math.log(10) + Math.log(digits.doubleValue());
        return (int) Math.rint(log / Math.log(2));
    }

    private static BigDecimal logarithm(BigDecimal x) {
        return logarithm(x, x.subtract(ONE));
    }

    /** log(x), given x - 1 too: 2 atanh((x - 1) / (x + 1)). */
    private static BigDecimal logarithm(BigDecimal x, BigDecimal less) {
        BigDecimal s = less.divide(x.add(ONE), DIGITS);
        BigDecimal square = s.multiply(s, DIGITS);
        BigDecimal term = s;
        BigDecimal sum = BigDecimal.ZERO;
        for (int n = 1; n < 140 && term.signum() != 0; n += 2) {
            sum = sum.add(term.divide(BigDecimal.valueOf(n), DIGITS), DIGITS);
            term = term.multiply(square, DIGITS);
        }
        return sum.multiply(TWO);
    }

    static BigDecimal sigmoid(BigDecimal x) {
        return ONE.divide(ONE.add(exp(x.negate())), DIGITS);
    }

    static BigDecimal softplus(BigDecimal x) {
        return log1p(exp(x));
    }

    static BigDecimal tanh(BigDecimal x) {
        BigDecimal power = expm1(x.add(x));
        return power.divide(power.add(TWO), DIGITS);
    }

    static BigDecimal sinh(BigDecimal x) {
        BigDecimal power = expm1(x);
        return power.add(power.divide(power.add(ONE), DIGITS)).divide(TWO, DIGITS);
    }

    static BigDecimal cosh(BigDecimal x) {
        BigDecimal power = exp(x);
        return power.add(ONE.divide(power, DIGITS)).divide(TWO, DIGITS);
    }

    static BigDecimal asinh(BigDecimal x) {
        BigDecimal a = x.abs();
        BigDecimal square = a.multiply(a, DIGITS);
        BigDecimal root = ONE.add(square).sqrt(DIGITS);
        BigDecimal more = a.add(square.divide(ONE.add(root), DIGITS));
        return x.signum() < 0 ? log1p(more).negate() : log1p(more);
    }

    static BigDecimal acosh(BigDecimal x) {
        BigDecimal less = x.subtract(ONE);
        return log1p(less.add(less.multiply(x.add(ONE)).sqrt(DIGITS)));
    }

    static BigDecimal atanh(BigDecimal x) {
        BigDecimal a = x.abs();
        BigDecimal ratio = a.add(a).divide(ONE.subtract(a), DIGITS);
        BigDecimal half = log1p(ratio).divide(TWO, DIGITS);
        return x.signum() < 0 ? half.negate() : half;
    }

    static BigDecimal erf(BigDecimal x) {
        BigDecimal factor = TWO.divide(PI.sqrt(DIGITS), DIGITS);
        return ErfReference.series(x.round(DIGITS)).multiply(factor, DIGITS);
    }
}
