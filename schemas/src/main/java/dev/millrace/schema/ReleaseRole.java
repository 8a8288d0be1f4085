package dev.millrace.schema;

/** How a released model version serves. */
public enum ReleaseRole {
    /** Scores every key that no challenger claims. */
    CHAMPION,
    /** Scores a share of the keys in the champion's place. */
    CHALLENGER,
    /** Scores beside the champion, into a topic of its own. */
    SHADOW
}
