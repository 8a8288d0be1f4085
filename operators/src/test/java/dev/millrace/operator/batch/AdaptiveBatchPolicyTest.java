package dev.millrace.operator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The policy against a load model: max 4096 rows, linger 5 ms, target 10 ms, 4 slots. */
class AdaptiveBatchPolicyTest {
    private static final int MAX_ROWS = 4096;
    private static final long LINGER = 5_000_000;
    private static final long TARGET = 10_000_000;
    private static final int SLOTS = 4;
    private final long seed = Long.getLong("seed", System.nanoTime());

    /** 200 µs a micro-batch and 2 µs a row: half a million rows a second at most. */
    private static final LoadModel.Cost ENGINE = (second, rows) -> 200_000 + 2_000.0 * rows;

    private final AdaptiveBatchPolicy policy = new AdaptiveBatchPolicy(MAX_ROWS, LINGER, TARGET);

    private List<LoadModel.Released> run(
            double seconds, LoadModel.Rate rate, LoadModel.Cost engine) {
        System.out.println("seed " + seed);
        return new LoadModel(policy, rate, engine, SLOTS, seed).run(seconds);
    }

    private static List<LoadModel.Released> between(
            List<LoadModel.Released> all, double from, double to) {
        List<LoadModel.Released> part =
                all.stream().filter(one -> one.second() >= from && one.second() < to).toList();
        assertThat(part).hasSizeGreaterThan(50);
        return part;
    }

    private static double shareAboveTarget(List<LoadModel.Released> part) {
        return part.stream().filter(one -> one.latencyNanos() > TARGET).count()
                / (double) part.size();
    }

    private static double rowsPerSecond(List<LoadModel.Released> part, double seconds) {
        return part.stream().mapToLong(LoadModel.Released::rows).sum() / seconds;
    }

    private static void assertSettled(List<LoadModel.Released> part) {
        int least = part.stream().mapToInt(LoadModel.Released::aim).min().orElseThrow();
        int most = part.stream().mapToInt(LoadModel.Released::aim).max().orElseThrow();
        assertThat(least).isGreaterThan(most / 2);
    }

    @Test
    void settlesUnderASteadyLoad() {
        List<LoadModel.Released> all = run(20, second -> 200_000, ENGINE);
        List<LoadModel.Released> last = between(all, 10, 20);
        assertThat(shareAboveTarget(last)).isLessThan(0.01);
        assertThat(rowsPerSecond(last, 10)).isBetween(195_000.0, 205_000.0);
        assertSettled(last);
    }

    @Test
    void shrinksUntilASaturatedEngineAnswersInTime() {
        List<LoadModel.Released> all = run(20, second -> 600_000, ENGINE);
        List<LoadModel.Released> last = between(all, 10, 20);
        assertThat(shareAboveTarget(last)).isLessThan(0.01);
        assertSettled(last);
        // Four micro-batches in 9 ms: about 1000 rows each.
        assertThat(last.get(last.size() - 1).aim()).isBetween(600, 1200);
        // It gives up no more throughput than it must: 500,000 a second with endless micro-batches.
        assertThat(rowsPerSecond(last, 10)).isGreaterThan(400_000);
    }

    @Test
    void keepsTheTargetThroughBursts() {
        // 100 ms of twice what the engine can take, once a second.
        List<LoadModel.Released> all =
                run(60, second -> second % 1 < 0.1 ? 1_000_000 : 20_000, ENGINE);
        List<LoadModel.Released> last = between(all, 30, 60);
        assertThat(shareAboveTarget(last)).isLessThan(0.01);
    }

    @Test
    void followsAnEngineThatSlowsDownAndRecovers() {
        LoadModel.Cost slow =
                (second, rows) -> (second >= 6 && second < 14 ? 5 : 1) * (100_000 + 1_000.0 * rows);
        List<LoadModel.Released> all = run(24, second -> 1_200_000, slow);
        double before = meanAim(between(all, 4, 6));
        List<LoadModel.Released> whileSlow = between(all, 9, 14);
        assertThat(shareAboveTarget(whileSlow)).isLessThan(0.01);
        assertThat(meanAim(whileSlow)).isLessThan(before / 3);
        List<LoadModel.Released> recovered = between(all, 18, 24);
        assertThat(meanAim(recovered)).isBetween(0.8 * before, 1.2 * before);
        assertThat(shareAboveTarget(recovered)).isLessThan(0.01);
        // The first second after the engine slowed is the price, and no more than that.
        assertThat(shareAboveTarget(between(all, 7, 8))).isLessThan(0.05);
    }

    private static double meanAim(List<LoadModel.Released> part) {
        return part.stream().mapToInt(LoadModel.Released::aim).average().orElseThrow();
    }

    @Test
    void lingersLessWhenTheEngineIsSlowAndTheStreamIsThin() {
        LoadModel.Cost sixMillis = (second, rows) -> 6_000_000;
        List<LoadModel.Released> all = run(1200, second -> 2, sixMillis);
        assertThat(shareAboveTarget(between(all, 600, 1200))).isLessThan(0.02);
        // 9 ms are aimed for; 6 are the engine's and up to 1 is the timer's.
        assertThat(policy.lingerNanos()).isBetween(1_200_000L, 3_000_000L);
    }

    @Test
    void aQuietStreamDoesNotGrowTheSize() {
        int before = policy.targetRows();
        List<LoadModel.Released> all = run(60, second -> 50, ENGINE);
        assertThat(policy.targetRows()).isEqualTo(before);
        assertThat(policy.lingerNanos()).isEqualTo(LINGER);
        assertThat(shareAboveTarget(all)).isZero();
    }

    @Test
    void keepsItsThroughputWhereTheTargetIsOutOfReach() {
        LoadModel.Cost hopeless = (second, rows) -> 20_000_000 + 2_000.0 * rows;
        List<LoadModel.Released> all = run(60, second -> 100_000, hopeless);
        assertThat(policy.targetRows()).isEqualTo(MAX_ROWS / 16);
        // Rows a second at the floor; at 1 row it would be 50.
        assertThat(rowsPerSecond(between(all, 30, 60), 30)).isGreaterThan(12_000);
    }

    @Test
    void onePauseShrinksOnce() {
        int before = policy.targetRows();
        for (long id = 1; id <= SLOTS; id++) {
            policy.onOpened(id);
        }
        for (long id = 1; id <= SLOTS; id++) {
            policy.onReleased(id, before, FlushReason.FULL, 0, 10 * TARGET);
        }
        assertThat(policy.targetRows()).isEqualTo((int) (0.85 * before));
    }

    @Test
    void checkpointsTeachNothing() {
        int rows = policy.targetRows();
        long linger = policy.lingerNanos();
        policy.onOpened(1);
        policy.onReleased(1, 7, FlushReason.CHECKPOINT, 0, 10 * TARGET);
        policy.onReleased(1, 7, FlushReason.END_OF_INPUT, 0, 10 * TARGET);
        assertThat(policy.targetRows()).isEqualTo(rows);
        assertThat(policy.lingerNanos()).isEqualTo(linger);
    }

    @Test
    void microBatchesCappedByTheEngineDoNotGrowTheSize() {
        int before = policy.targetRows();
        policy.onOpened(1);
        policy.onReleased(1, before / 2, FlushReason.FULL, 0, 1000);
        assertThat(policy.targetRows()).isEqualTo(before);
    }
}
