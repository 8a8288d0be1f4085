package dev.millrace.gpu.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A sample of what {@link UlpSurvey} measures over all floats. */
class AccuracyTest {
    private static final long ALL = 1L << 32;

    /** A prime, so that the sample meets every kind of low bits. */
    private static final long STEP = 1999;

    static List<UlpSurvey.Subject> promised() {
        return UlpSurvey.subjects();
    }

    static List<UlpSurvey.Subject> others() {
        return List.of(
                new UlpSurvey.Subject("expm1", FloatMath::expm1, Math::expm1, 2),
                new UlpSurvey.Subject("log1p", FloatMath::log1p, Math::log1p, 2),
                new UlpSurvey.Subject("softplus", FloatMath::softplus, AccuracyTest::softplus, 4),
                new UlpSurvey.Subject("sin", WideMath::sin, Math::sin, 1),
                new UlpSurvey.Subject("cos", WideMath::cos, Math::cos, 1),
                new UlpSurvey.Subject("tan", WideMath::tan, Math::tan, 1),
                new UlpSurvey.Subject("asin", WideMath::asin, Math::asin, 1),
                new UlpSurvey.Subject("acos", WideMath::acos, Math::acos, 1),
                new UlpSurvey.Subject("atan", WideMath::atan, Math::atan, 1),
                new UlpSurvey.Subject("sinh", WideMath::sinh, Math::sinh, 3),
                new UlpSurvey.Subject("cosh", WideMath::cosh, Math::cosh, 3),
                new UlpSurvey.Subject(
                        "pow -2.5", x -> WideMath.pow(x, -2.5f), AccuracyTest::pow, 1));
    }

    private static double pow(double x) {
        return Math.pow(x, -2.5);
    }

    private static double softplus(double x) {
        return (x < 0 ? 0 : x) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    @ParameterizedTest
    @MethodSource({"promised", "others"})
    void staysWithinTwoUlp(UlpSurvey.Subject subject) {
        UlpSurvey.Finding finding = UlpSurvey.survey(subject, 0, ALL, STEP);
        assertThat(finding.contradiction).isEmpty();
        assertThat(finding.inputs).isGreaterThan(100_000);
        assertThat(finding.worst)
                .as("%s at %a", subject.name(), finding.worstAt)
                .isLessThanOrEqualTo(2);
    }

    static List<DoubleUlpSurvey.Subject> doubles() {
        return DoubleUlpSurvey.subjects();
    }

    @ParameterizedTest
    @MethodSource("doubles")
    void doublesStayWithinTwoUlp(DoubleUlpSurvey.Subject subject) {
        long seed = 20261124;
        DoubleUlpSurvey.Finding finding = DoubleUlpSurvey.survey(subject, new Random(seed), 2000);
        assertThat(finding.worst)
                .as("%s, seed %d, at %s", subject, seed, finding.worstAt)
                .isLessThanOrEqualTo(2);
    }

    @Test
    void powersOfDoublesStayWithinOneUlp() {
        long seed = 20261124;
        DoubleUlpSurvey.Finding finding = DoubleUlpSurvey.surveyPow(new Random(seed), 2000);
        assertThat(finding.worst)
                .as("seed %d, at %s", seed, finding.worstAt)
                .isLessThanOrEqualTo(1);
    }

    @Test
    void referenceOfErfAgreesWithItsSeries() {
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            double x = random.nextDouble() * 4;
            double reference = ErfReference.erf(x);
            BigDecimal error = ErfReference.exact(x).subtract(new BigDecimal(reference)).abs();
            BigDecimal ulps =
                    error.divide(new BigDecimal(Math.ulp(reference)), MathContext.DECIMAL32);
            assertThat(ulps.doubleValue()).as("x = %s, seed %d", x, seed).isLessThan(4);
        }
    }

    @Test
    void keepsIdentitiesAtTheEdges() {
        assertThat(FloatMath.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(FloatMath.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(FloatMath.exp(-0f)).isEqualTo(1f);
        assertThat(FloatMath.log(0f)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(FloatMath.tanh(Float.POSITIVE_INFINITY)).isEqualTo(1f);
        assertThat(Float.floatToRawIntBits(FloatMath.tanh(-0f))).isEqualTo(0x80000000);
        assertThat(Float.floatToRawIntBits(FloatMath.erf(-0f))).isEqualTo(0x80000000);
        assertThat(FloatMath.sigmoid(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(FloatMath.sigmoid(-100f)).isEqualTo(FloatMath.exp(-100f)).isPositive();
        assertThat(FloatMath.sigmoid(Float.NaN)).isNaN();
    }

    @Test
    void doublesKeepIdentitiesAtTheEdges() {
        double infinity = Double.POSITIVE_INFINITY;
        List<DoubleUnaryOperator> odd =
                List.of(
                        DoubleMath::expm1,
                        DoubleMath::log1p,
                        DoubleMath::tanh,
                        DoubleMath::erf,
                        DoubleMath::sinh,
                        DoubleMath::asinh,
                        DoubleMath::atanh);
        for (DoubleUnaryOperator function : odd) {
            assertThat(1 / function.applyAsDouble(0.0)).isEqualTo(infinity);
            assertThat(1 / function.applyAsDouble(-0.0)).isEqualTo(-infinity);
        }
        for (DoubleUlpSurvey.Subject subject : DoubleUlpSurvey.subjects()) {
            assertThat(subject.function().applyAsDouble(Double.NaN)).as("%s", subject).isNaN();
        }
        assertThat(DoubleMath.exp(-infinity)).isZero();
        assertThat(DoubleMath.exp(infinity)).isEqualTo(infinity);
        assertThat(DoubleMath.exp(-0.0)).isEqualTo(1);
        assertThat(DoubleMath.exp(710)).isEqualTo(infinity);
        assertThat(DoubleMath.exp(-745)).isEqualTo(Double.MIN_VALUE);
        assertThat(DoubleMath.exp(-745.2)).isZero();
        assertThat(DoubleMath.expm1(-infinity)).isEqualTo(-1);
        assertThat(DoubleMath.expm1(infinity)).isEqualTo(infinity);
        assertThat(DoubleMath.log(0)).isEqualTo(-infinity);
        assertThat(DoubleMath.log(-1)).isNaN();
        assertThat(DoubleMath.log(infinity)).isEqualTo(infinity);
        assertThat(DoubleMath.log1p(-1)).isEqualTo(-infinity);
        assertThat(DoubleMath.tanh(-infinity)).isEqualTo(-1);
        assertThat(DoubleMath.erf(infinity)).isEqualTo(1);
        assertThat(DoubleMath.sigmoid(-infinity)).isZero();
        assertThat(DoubleMath.sigmoid(-740)).isEqualTo(DoubleMath.exp(-740)).isPositive();
        assertThat(DoubleMath.softplus(infinity)).isEqualTo(infinity);
        assertThat(DoubleMath.sinh(-infinity)).isEqualTo(-infinity);
        assertThat(DoubleMath.sinh(710.4)).isLessThan(infinity);
        assertThat(DoubleMath.cosh(-infinity)).isEqualTo(infinity);
        assertThat(DoubleMath.asinh(-infinity)).isEqualTo(-infinity);
        assertThat(DoubleMath.acosh(1)).isZero();
        assertThat(DoubleMath.acosh(0.5)).isNaN();
        assertThat(DoubleMath.atanh(-1)).isEqualTo(-infinity);
        assertThat(DoubleMath.atanh(2)).isNaN();
    }

    @Test
    void powersKeepTheSpecialCasesOfMath() {
        double[] corners = {
            0,
            1,
            0.5,
            2,
            3,
            2.5,
            Double.MIN_VALUE,
            0x1p53,
            0x1p53 - 1,
            0x1p54,
            1e300,
            1 / 0.0,
            Double.NaN
        };
        for (double x : corners) {
            for (double y : corners) {
                for (int signs = 0; signs < 4; signs++) {
                    double base = (signs & 1) == 0 ? x : -x;
                    double exponent = (signs & 2) == 0 ? y : -y;
                    double expected = Math.pow(base, exponent);
                    if (Math.abs(base) == 1 && (base == 1 || Double.isInfinite(exponent))) {
                        // IEEE 754 says 1 where Java says NaN.
                        expected = 1;
                    }
                    boolean ordinary = Math.abs(expected) < 1 / 0.0 && expected != 0;
                    double actual = DoubleMath.pow(base, exponent);
                    assertThat(Double.valueOf(actual))
                            .as("pow(%s, %s)", base, exponent)
                            .isBetween(
                                    ordinary ? Math.nextDown(expected) : expected,
                                    ordinary ? Math.nextUp(expected) : expected);
                }
            }
        }
    }
}
