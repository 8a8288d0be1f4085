package dev.millrace.gpu.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Random;
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
}
