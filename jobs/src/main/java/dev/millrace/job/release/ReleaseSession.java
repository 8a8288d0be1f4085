package dev.millrace.job.release;

import dev.millrace.operator.inference.LogContext;
import dev.millrace.schema.ModelRelease;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.MDC;

/**
 * What the gate, the engine and the listener of one task share.
 *
 * <p>The task thread writes the greatest timestamp before it reads what is claimed; the listener
 * writes what is claimed before it reads the greatest timestamp. So a record that a release claims
 * is seen by one of them at least: it stops at the gate, or the vote says that it went through.
 */
public final class ReleaseSession {
    private static final int MAIN_BITS = 32;

    private final Versions versions;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition decided = lock.newCondition();
    private volatile ReleaseHistory history = ReleaseHistory.EMPTY;
    private volatile long claimedFromMs = Long.MAX_VALUE;
    private volatile long greatestMs = Long.MIN_VALUE;
    private volatile Exception failure;
    private volatile ReleaseCounts counts = ReleaseCounts.NONE;
    private volatile Serving serving;

    // Task thread.
    private ReleaseHistory chosenBy;
    private ReleaseHistory.Span span;
    private int champion;
    private int challenger;
    private int shadow;

    ReleaseSession(Versions versions) {
        this.versions = versions;
        this.serving = new Serving(versions.lane(0).version().toString(), "", "");
    }

    /** What serves, for metrics: name and version, or nothing. */
    record Serving(String champion, String challenger, String shadow) {}

    Serving serving() {
        return serving;
    }

    ReleaseCounts counts() {
        return counts;
    }

    void counts(ReleaseCounts next) {
        counts = next;
    }

    Versions versions() {
        return versions;
    }

    /** The lane of an index, 0 for the pipeline's own model. */
    public Lane lane(int index) {
        return versions.lane(index);
    }

    // ---- the listener's side

    void history(ReleaseHistory next) {
        history = next;
    }

    ReleaseHistory history() {
        return history;
    }

    /** Holds back records from a timestamp on; the largest long for none. */
    void claimFrom(long timestampMs) {
        claimedFromMs = timestampMs;
        signal();
    }

    /** The greatest timestamp that went through, also before a restore. */
    long greatestMs() {
        return greatestMs;
    }

    /** The listener cannot go on: whoever waits learns of it. */
    void fail(Exception cause) {
        failure = cause;
        signal();
    }

    private void signal() {
        lock.lock();
        try {
            decided.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- the gate's side: task thread

    void restore(long timestampMs) {
        greatestMs = Math.max(greatestMs, timestampMs);
    }

    /** Lets a record through, once no pending release claims it. */
    void pass(long timestampMs) throws Exception {
        if (failure != null) {
            throw failure;
        }
        if (timestampMs > greatestMs) {
            greatestMs = timestampMs;
        }
        if (timestampMs >= claimedFromMs) {
            awaitDecision(timestampMs);
        }
    }

    private void awaitDecision(long timestampMs) throws Exception {
        lock.lockInterruptibly();
        try {
            while (timestampMs >= claimedFromMs) {
                if (failure != null) {
                    throw failure;
                }
                // Woken by the listener; the time is for a signal that came before the wait.
                var unused = decided.await(100, TimeUnit.MILLISECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- the features' side: task thread

    /**
     * The lanes that score a record.
     *
     * @return the main lane in the lower and the shadow's, or -1, in the upper half
     */
    public long choose(ConsumerRecord<byte[], byte[]> record) throws Exception {
        long timestamp = record.timestamp();
        ReleaseHistory now = history;
        if (chosenBy != now || timestamp < span.fromMs() || timestamp >= span.toMs()) {
            enter(now, timestamp);
        }
        int main =
                challenger >= 0 && KeyShare.of(record) < span.challenger().orElseThrow().share()
                        ? challenger
                        : champion;
        return (long) shadow << MAIN_BITS | main;
    }

    private void enter(ReleaseHistory now, long timestamp) throws Exception {
        ReleaseHistory.Span entered = now.at(timestamp);
        Lane next = versions.load(entered.champion(), false);
        champion = next.index();
        challenger = lane(entered.challenger(), false);
        shadow = lane(entered.shadow(), true);
        span = entered;
        chosenBy = now;
        versions.champion(next);
        serving = new Serving(title(champion), title(challenger), title(shadow));
        MDC.put(LogContext.MODEL, serving.champion());
    }

    private String title(int index) {
        return index < 0 ? "" : lane(index).version().toString();
    }

    private int lane(Optional<ModelRelease> release, boolean inShadow) throws Exception {
        return release.isEmpty() ? -1 : versions.load(release, inShadow).index();
    }

    /** The main lane of a choice. */
    public static int main(long choice) {
        return (int) choice;
    }

    /** The shadow's lane of a choice, or -1. */
    public static int shadow(long choice) {
        return (int) (choice >> MAIN_BITS);
    }
}
