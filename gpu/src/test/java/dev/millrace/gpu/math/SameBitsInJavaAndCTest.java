package dev.millrace.gpu.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The CUDA header, compiled for this machine, against its Java twin. Needs g++. */
class SameBitsInJavaAndCTest {
    private static final int INPUTS = 400_000;
    private static final long SEED = 20260123L;
    private static final float[] CORNERS = {
        0f,
        -0f,
        1f,
        -1f,
        0.5f,
        2f,
        3f,
        -3f,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        88.72284f,
        -87.33655f,
        -103.97208f,
        0x1p20f,
        0x1p23f,
        0x1p24f,
        0x1p31f,
        -0x1p31f,
        0x1p32f,
        0x1p63f,
        -0x1p63f,
        0x1p64f,
        65504f,
        65520f,
        0x1p-14f,
        0x1p-24f,
        0x1p-25f,
        0.55f,
        0.93f,
        0.33333334f,
        -0.33333334f
    };

    private static final double[] DOUBLE_CORNERS = {
        0.0,
        -0.0,
        1,
        -1,
        0.5,
        2,
        3,
        -3,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        -Double.MIN_VALUE,
        Double.MIN_NORMAL,
        -0x1p-1040,
        Double.MAX_VALUE,
        -Double.MAX_VALUE,
        709.782712893384,
        710.4758600739439,
        -708.3964185322641,
        -745.1332191019412,
        -746,
        711,
        37,
        -40,
        0.28125,
        -0.28125,
        0.55,
        6,
        Math.sqrt(0.5),
        Math.sqrt(2),
        0x1p28,
        0x1p53,
        0x1p54,
        -0x1p53 + 1
    };

    @TempDir static Path folder;
    private static Path harness;

    interface Function {
        float apply(float x, float y);
    }

    record Case(String name, Function function) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        return List.of(
                new Case("exp", (x, y) -> FloatMath.exp(x)),
                new Case("log", (x, y) -> FloatMath.log(x)),
                new Case("log1p", (x, y) -> FloatMath.log1p(x)),
                new Case("expm1", (x, y) -> FloatMath.expm1(x)),
                new Case("sigmoid", (x, y) -> FloatMath.sigmoid(x)),
                new Case("tanh", (x, y) -> FloatMath.tanh(x)),
                new Case("erf", (x, y) -> FloatMath.erf(x)),
                new Case("softplus", (x, y) -> FloatMath.softplus(x)),
                new Case("sin", (x, y) -> WideMath.sin(x)),
                new Case("cos", (x, y) -> WideMath.cos(x)),
                new Case("tan", (x, y) -> WideMath.tan(x)),
                new Case("atan", (x, y) -> WideMath.atan(x)),
                new Case("asin", (x, y) -> WideMath.asin(x)),
                new Case("acos", (x, y) -> WideMath.acos(x)),
                new Case("sinh", (x, y) -> WideMath.sinh(x)),
                new Case("cosh", (x, y) -> WideMath.cosh(x)),
                new Case("asinh", (x, y) -> WideMath.asinh(x)),
                new Case("acosh", (x, y) -> WideMath.acosh(x)),
                new Case("atanh", (x, y) -> WideMath.atanh(x)),
                new Case("rint", (x, y) -> (float) Math.rint(x)),
                new Case("pow", WideMath::pow),
                new Case("max", FloatMath::max),
                new Case("min", FloatMath::min),
                new Case("toLong", (x, y) -> integer((long) x)),
                new Case("toUnsignedLong", (x, y) -> integer(Conversions.toUnsignedLong(x))),
                new Case(
                        "toUnsignedInt",
                        (x, y) -> integer(Conversions.toUnsignedInt(x) & 0xffffffffL)),
                new Case("toByte", (x, y) -> integer(Conversions.toInteger(x, -128, 127))),
                new Case(
                        "roundToByte", (x, y) -> integer(Conversions.roundToInteger(x, -128, 127))),
                new Case("toFloat16", (x, y) -> integer(Conversions.toFloat16(x) & 0xffff)),
                new Case("toBfloat16", (x, y) -> integer(Conversions.toBfloat16(x) & 0xffff)),
                new Case("fromFloat16", (x, y) -> Conversions.fromFloat16(upperHalf(x))),
                new Case("fromBfloat16", (x, y) -> Conversions.fromBfloat16(upperHalf(x))),
                new Case("unscale", SameBitsInJavaAndCTest::unscale));
    }

    record DoubleCase(String name, DoubleBinaryOperator function) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<DoubleCase> doubles() {
        List<DoubleCase> cases = new ArrayList<>();
        for (DoubleUlpSurvey.Subject subject : DoubleUlpSurvey.subjects()) {
            cases.add(
                    new DoubleCase(subject.name(), (x, y) -> subject.function().applyAsDouble(x)));
        }
        cases.add(new DoubleCase("pow", DoubleMath::pow));
        return cases;
    }

    private static float unscale(float x, float y) {
        long sum =
                ((long) Float.floatToRawIntBits(x) << 32)
                        | (Float.floatToRawIntBits(y) & 0xffffffffL);
        return (float) ((double) sum * 0x1p-40);
    }

    private static short upperHalf(float x) {
        return (short) (Float.floatToRawIntBits(x) >>> 16);
    }

    private static float integer(long value) {
        return Float.intBitsToFloat((int) (value ^ (value >> 32)));
    }

    @BeforeAll
    static void compile() throws Exception {
        assumeTrue(
                Gxx.isPresent(), "g++ is not installed: the CUDA header is compared nowhere here");
        harness = folder.resolve("math_harness");
        Gxx.compile(Path.of("src/test/cuda/math_harness.cpp"), harness);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesTheSameBits(Case function) throws Exception {
        float[] inputs = inputs();
        ByteBuffer bytes = ByteBuffer.allocate(inputs.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(inputs);
        ByteBuffer results = runHarness(function.name(), bytes.array());
        assertThat(results.remaining()).isEqualTo(inputs.length / 2 * 4);
        for (int i = 0; i < inputs.length; i += 2) {
            float java = function.function().apply(inputs[i], inputs[i + 1]);
            int expected = Float.floatToIntBits(java);
            int actual = results.getInt();
            if (expected != actual) {
                throw new AssertionError(
                        "%s(%a, %a): Java 0x%08x, C 0x%08x, seed %d"
                                .formatted(
                                        function,
                                        inputs[i],
                                        inputs[i + 1],
                                        expected,
                                        actual,
                                        SEED));
            }
        }
    }

    /** Pairs: every corner with every corner, random bits, and values of everyday size. */
    private static float[] inputs() {
        Random random = new Random(SEED);
        float[] inputs = new float[2 * INPUTS];
        int next = 0;
        for (float x : CORNERS) {
            for (float y : CORNERS) {
                inputs[next++] = x;
                inputs[next++] = y;
            }
        }
        while (next < inputs.length) {
            boolean everyday = random.nextBoolean();
            inputs[next++] =
                    everyday
                            ? (float) random.nextGaussian() * 10
                            : Float.intBitsToFloat(random.nextInt());
            inputs[next++] =
                    everyday
                            ? (float) random.nextGaussian() * 10
                            : Float.intBitsToFloat(random.nextInt());
        }
        return inputs;
    }

    @ParameterizedTest
    @MethodSource("doubles")
    void givesTheSameBitsOfDoubles(DoubleCase function) throws Exception {
        double[] inputs = doubleInputs();
        ByteBuffer bytes = ByteBuffer.allocate(inputs.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(inputs);
        ByteBuffer results = runHarness(function.name() + "64", bytes.array());
        assertThat(results.remaining()).isEqualTo(inputs.length / 2 * 8);
        for (int i = 0; i < inputs.length; i += 2) {
            double java = function.function().applyAsDouble(inputs[i], inputs[i + 1]);
            long expected = Double.doubleToLongBits(java);
            long actual = results.getLong();
            if (expected != actual) {
                throw new AssertionError(
                        "%s(%a, %a): Java 0x%016x, C 0x%016x, seed %d"
                                .formatted(
                                        function.name(),
                                        inputs[i],
                                        inputs[i + 1],
                                        expected,
                                        actual,
                                        SEED));
            }
        }
    }

    /** As {@link #inputs}; a fifth lies where functions change from one way to another. */
    private static double[] doubleInputs() {
        Random random = new Random(SEED);
        double[] inputs = new double[2 * INPUTS];
        int next = 0;
        for (double x : DOUBLE_CORNERS) {
            for (double y : DOUBLE_CORNERS) {
                inputs[next++] = x;
                inputs[next++] = y;
            }
        }
        while (next < inputs.length) {
            inputs[next++] =
                    switch (random.nextInt(5)) {
                        case 0 -> random.nextGaussian();
                        case 1 -> Double.longBitsToDouble(random.nextLong());
                        case 2 -> random.nextGaussian() * 400;
                        case 3 -> 1 + random.nextGaussian() * 0.01;
                        default ->
                                DOUBLE_CORNERS[random.nextInt(DOUBLE_CORNERS.length)]
                                        * (1 + random.nextInt(9) * 0x1p-52);
                    };
        }
        return inputs;
    }

    private static ByteBuffer runHarness(String function, byte[] inputs) throws Exception {
        Process process =
                new ProcessBuilder(harness.toString(), function)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(process, inputs));
        byte[] results;
        try (InputStream output = process.getInputStream()) {
            results = output.readAllBytes();
        }
        writer.get(60, TimeUnit.SECONDS);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return ByteBuffer.wrap(results).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void write(Process process, byte[] bytes) {
        try (OutputStream input = process.getOutputStream()) {
            input.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("The harness ended early", e);
        }
    }
}
