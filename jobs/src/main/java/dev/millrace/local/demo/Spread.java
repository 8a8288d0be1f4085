package dev.millrace.local.demo;

/**
 * Factors around 1 as amounts and distances have them: log-normal, half of them below 1, one in
 * forty above 5. Drawn from a table, which is fast and, by {@link StrictMath}, the same everywhere.
 */
final class Spread {
    private static final double SIGMA = 0.82;
    private static final double[] FACTORS = factors(4096);

    private Spread() {}

    static double factor(Randomness random) {
        return FACTORS[random.nextInt(FACTORS.length)];
    }

    private static double[] factors(int count) {
        double[] factors = new double[count];
        for (int i = 0; i < count; i++) {
            factors[i] = StrictMath.exp(SIGMA * normalQuantile((i + 0.5) / count));
        }
        return factors;
    }

    /** Tukey's lambda approximation of the normal distribution's quantiles. */
    private static double normalQuantile(double probability) {
        double lambda = 0.14;
        return (StrictMath.pow(probability, lambda) - StrictMath.pow(1 - probability, lambda))
                / (lambda * 1.4);
    }
}
