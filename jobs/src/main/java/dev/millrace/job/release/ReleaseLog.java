package dev.millrace.job.release;

import dev.millrace.schema.ModelRelease;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a control topic says, as far as it was read. One thread. */
public final class ReleaseLog {
    private final Map<String, Item> items = new LinkedHashMap<>();
    private ReleaseHistory history = ReleaseHistory.EMPTY;
    private long lastSequence;
    private int unreadable;

    /** One release with what became of it. */
    public static final class Item {
        private final String id;
        private ModelRelease release;
        private String malformed = "";
        private final Map<Integer, ReleaseTopic.Vote> votes = new HashMap<>();
        private ReleaseTopic.Decision decision;

        private Item(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }

        /** Empty while its record was not read, or if it cannot be. */
        public Optional<ModelRelease> release() {
            return Optional.ofNullable(release);
        }

        String malformed() {
            return malformed;
        }

        /** Empty while it is pending. */
        public Optional<ReleaseTopic.Decision> decision() {
            return Optional.ofNullable(decision);
        }

        Map<Integer, ReleaseTopic.Vote> votes() {
            return Collections.unmodifiableMap(votes);
        }

        boolean undecided() {
            return decision == null && (release != null || !malformed.isEmpty());
        }
    }

    /** Takes the next record of the topic. */
    void add(ConsumerRecord<byte[], byte[]> record) {
        ReleaseTopic.Entry entry = ReleaseTopic.read(record);
        if (entry == null) {
            // Compaction leaves the deletion of a record for a while.
            unreadable += record.key() != null && record.value() == null ? 0 : 1;
            return;
        }
        Item item = items.computeIfAbsent(entry.id(), Item::new);
        if (entry.vote() != null) {
            item.votes.put(entry.vote().subtask(), entry.vote());
        } else if (entry.decision() != null) {
            decide(item, entry.decision());
        } else if (item.release == null) {
            item.release = entry.release();
            item.malformed = entry.malformed();
            count(item);
        }
    }

    /** The first decision counts; compaction keeps the last, which only a second leader writes. */
    private void decide(Item item, ReleaseTopic.Decision decision) {
        if (item.decision != null) {
            return;
        }
        item.decision = decision;
        lastSequence = Math.max(lastSequence, decision.sequence());
        count(item);
    }

    /**
     * Called when either is known: a release that was sent again after its decision stands behind
     * it once the topic was compacted.
     */
    private void count(Item item) {
        if (item.release != null && item.decision != null && item.decision.accepted()) {
            history =
                    history.with(
                            new ReleaseHistory.Accepted(item.release, item.decision.sequence()));
        }
    }

    /** Takes a decision of one's own before it is read back. */
    void decideOnce(Item item, ReleaseTopic.Decision decision) {
        decide(item, decision);
    }

    /** All releases, in the order they were read. */
    public List<Item> items() {
        return new ArrayList<>(items.values());
    }

    List<Item> undecided() {
        return items.values().stream().filter(Item::undecided).toList();
    }

    public ReleaseHistory history() {
        return history;
    }

    /** How many releases became what. */
    public ReleaseCounts counts() {
        int accepted = 0;
        int refused = 0;
        int pending = 0;
        for (Item item : items.values()) {
            if (item.undecided()) {
                pending++;
            } else if (item.decision != null) {
                accepted += item.decision.accepted() ? 1 : 0;
                refused += item.decision.accepted() ? 0 : 1;
            }
        }
        return new ReleaseCounts(accepted, refused, pending, unreadable);
    }

    /** Records that are neither release nor vote nor decision. */
    public int unreadable() {
        return unreadable;
    }

    long nextSequence() {
        return lastSequence + 1;
    }
}
