package dev.millrace.schema.wire;

import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import dev.millrace.schema.feature.FeaturePlan;

/**
 * Plans by the id of the writer's schema, without boxing an id per record. Holds the last {@value
 * #CAPACITY} ids that were met, those that lead nowhere included, so that damaged values do not ask
 * the registry each. Task thread only.
 */
final class PlanCache {
    static final int CAPACITY = 256;

    private static final int LONGEST_WAIT = 1000;

    private final Source source;
    private final int[] ids = new int[CAPACITY];
    private final Entry[] entries = new Entry[CAPACITY];
    private int size;
    private int oldest;
    private int last;

    /** Where plans come from. */
    interface Source {
        FeaturePlan plan(int schemaId) throws RecordDecodingException;
    }

    /** A plan, or why there is none. */
    private static final class Entry {
        FeaturePlan plan;
        RecordDecodingException failure;

        /** Uses to go until the registry is asked again; the first use has just asked. */
        int wait = 1;

        /** How many uses there were between the last two times it was asked. */
        int lastWait;
    }

    PlanCache(Source source) {
        this.source = source;
    }

    FeaturePlan plan(int id) throws RecordDecodingException {
        if (size == 0 || ids[last] != id) {
            last = find(id);
        }
        Entry entry = entries[last];
        if (entry.plan == null) {
            retry(entry, id);
        }
        return entry.plan;
    }

    private int find(int id) throws RecordDecodingException {
        for (int i = 0; i < size; i++) {
            if (ids[i] == id) {
                return i;
            }
        }
        int index = size < CAPACITY ? size : oldest;
        Entry entry = new Entry();
        // May fail because the registry is down: nothing is remembered then.
        ask(entry, id);
        if (size < CAPACITY) {
            size++;
        } else {
            oldest = (oldest + 1) % CAPACITY;
        }
        ids[index] = id;
        entries[index] = entry;
        return index;
    }

    /**
     * An id that the registry does not know may be one it does not know yet: it is asked again, at
     * first with the next record that names it, then ever more rarely.
     */
    private void retry(Entry entry, int id) throws RecordDecodingException {
        if (entry.failure.kind() == Kind.UNKNOWN_SCHEMA && entry.wait-- <= 0) {
            entry.lastWait = Math.min(LONGEST_WAIT, entry.lastWait * 2 + 1);
            entry.wait = entry.lastWait;
            ask(entry, id);
        }
        if (entry.plan == null) {
            throw entry.failure;
        }
    }

    private void ask(Entry entry, int id) {
        try {
            entry.plan = source.plan(id);
        } catch (RecordDecodingException e) {
            entry.failure = e;
        }
    }
}
