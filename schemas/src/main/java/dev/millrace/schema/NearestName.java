package dev.millrace.schema;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name somebody most likely meant. */
public final class NearestName {
    private NearestName() {}

    /** The nearest candidate by edit distance, if it is near enough to be a slip. */
    public static Optional<String> of(String name, Collection<String> candidates) {
        int tolerated = name.length() < 4 ? 1 : Math.max(2, name.length() / 3);
        return candidates.stream()
                .min(
                        Comparator.<String>comparingInt(c -> distance(name, c))
                                .thenComparing(Comparator.naturalOrder()))
                .filter(c -> distance(name, c) <= tolerated);
    }

    /** Levenshtein distance that takes case for no difference. */
    static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length()];
    }
}
