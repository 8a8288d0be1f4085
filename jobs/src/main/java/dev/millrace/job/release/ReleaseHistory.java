package dev.millrace.job.release;

import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The accepted releases of a pipeline, and the version they choose for a record. Immutable.
 *
 * <p>Time is cut at the activations. In each span one version is champion; a challenger or a shadow
 * serves from its activation until another of its kind or the next champion takes over.
 */
public final class ReleaseHistory {
    /** No release: the pipeline's own model scores everything. */
    public static final ReleaseHistory EMPTY = new ReleaseHistory(List.of());

    private final List<Accepted> accepted;
    private final List<Span> spans;

    /**
     * An accepted release.
     *
     * @param sequence its place among all accepted ones
     */
    public record Accepted(ModelRelease release, long sequence) {}

    /**
     * What serves between two activations.
     *
     * @param fromMs the first timestamp
     * @param toMs the first timestamp after it
     * @param champion empty for the pipeline's own model
     */
    public record Span(
            long fromMs,
            long toMs,
            Optional<ModelRelease> champion,
            Optional<ModelRelease> challenger,
            Optional<ModelRelease> shadow) {
        /** The release that scores a key; empty for the pipeline's own model. */
        public Optional<ModelRelease> main(double keyShare) {
            return challenger.isPresent() && keyShare < challenger.get().share()
                    ? challenger
                    : champion;
        }
    }

    private ReleaseHistory(List<Accepted> accepted) {
        this.accepted = List.copyOf(accepted);
        this.spans = spans(this.accepted);
    }

    /** The history with one more release. */
    public ReleaseHistory with(Accepted release) {
        List<Accepted> more = new ArrayList<>(accepted);
        more.add(release);
        more.sort(
                Comparator.comparing((Accepted a) -> a.release().activeFrom())
                        .thenComparingLong(Accepted::sequence));
        return new ReleaseHistory(more);
    }

    private static List<Span> spans(List<Accepted> releases) {
        List<Span> spans = new ArrayList<>();
        Span current =
                new Span(
                        Long.MIN_VALUE,
                        Long.MAX_VALUE,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        for (Accepted next : releases) {
            long from = next.release().activeFrom().toEpochMilli();
            if (from > current.fromMs()) {
                spans.add(
                        new Span(
                                current.fromMs(),
                                from,
                                current.champion(),
                                current.challenger(),
                                current.shadow()));
            }
            current = after(current, from, next.release());
        }
        spans.add(current);
        return List.copyOf(spans);
    }

    private static Span after(Span before, long from, ModelRelease release) {
        Optional<ModelRelease> now = Optional.of(release);
        return switch (release.role()) {
            case CHAMPION ->
                    new Span(from, Long.MAX_VALUE, now, Optional.empty(), Optional.empty());
            case CHALLENGER ->
                    new Span(from, Long.MAX_VALUE, before.champion(), now, before.shadow());
            case SHADOW ->
                    new Span(from, Long.MAX_VALUE, before.champion(), before.challenger(), now);
        };
    }

    /** In the order of activation. */
    public List<Accepted> accepted() {
        return accepted;
    }

    public List<Span> spans() {
        return spans;
    }

    /** The span of a timestamp. */
    public Span at(long timestampMs) {
        int low = 0;
        int high = spans.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (spans.get(middle).fromMs() <= timestampMs) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return spans.get(low);
    }

    /** The last span before a timestamp whose champion is another one than the timestamp's. */
    public Optional<Span> beforeChampionAt(long timestampMs) {
        Optional<ModelIdentity> champion = champion(at(timestampMs));
        return spans.stream()
                .filter(span -> span.fromMs() <= timestampMs && !champion(span).equals(champion))
                .reduce((first, second) -> second);
    }

    private static Optional<ModelIdentity> champion(Span span) {
        return span.champion().map(ModelRelease::model);
    }

    /** Whether a release has a role anywhere. */
    public boolean hasRole(ReleaseRole role) {
        return accepted.stream().anyMatch(a -> a.release().role() == role);
    }
}
