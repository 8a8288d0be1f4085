package dev.millrace.job.release;

/**
 * What a control topic holds, as metrics show it.
 *
 * @param unreadable records that are neither release nor vote nor decision
 */
public record ReleaseCounts(int accepted, int refused, int pending, int unreadable) {
    static final ReleaseCounts NONE = new ReleaseCounts(0, 0, 0, 0);
}
