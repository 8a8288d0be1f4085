package dev.millrace.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SortedBytesTest {
    @Test
    void sortsWhatDoesNotFitIntoMemory() throws Exception {
        long seed = System.nanoTime();
        System.out.println("SortedBytesTest seed " + seed);
        Random random = new Random(seed);
        List<byte[]> expected = new ArrayList<>();
        try (SortedBytes sorted = new SortedBytes(1000)) {
            for (int i = 0; i < 5000; i++) {
                byte[] entry = new byte[random.nextInt(20)];
                random.nextBytes(entry);
                expected.add(entry);
                sorted.add(entry);
            }
            expected.sort(Arrays::compareUnsigned);
            for (int pass = 0; pass < 2; pass++) {
                List<byte[]> actual = new ArrayList<>();
                try (SortedBytes.Entries entries = sorted.read()) {
                    entries.forEachRemaining(actual::add);
                }
                assertThat(actual).usingElementComparator(Arrays::compare).isEqualTo(expected);
            }
        }
    }

    @Test
    void numbersComeInTheirOrder() throws Exception {
        double[] numbers = {
            3, -1, Double.NEGATIVE_INFINITY, 0.0, -0.0, Double.NaN, 1e-310, -5e300, 7
        };
        try (SortedNumbers sorted = new SortedNumbers(100)) {
            for (double number : numbers) {
                sorted.add(number);
            }
            assertThat(sorted.nans()).isEqualTo(1);
            List<Double> actual = new ArrayList<>();
            try (SortedNumbers.Numbers reader = sorted.read()) {
                while (reader.hasNext()) {
                    actual.add(reader.next());
                }
            }
            assertThat(actual)
                    .containsExactly(
                            Double.NEGATIVE_INFINITY, -5e300, -1.0, 0.0, 0.0, 1e-310, 3.0, 7.0);
        }
    }
}
