package dev.millrace.endtoend;

import java.util.Locale;

/** What is to become of a number. */
enum Fate {
    SCORED,
    UNDECODABLE,
    UNSCORABLE;

    /** What a dead letter calls it. */
    String kind() {
        return name().toLowerCase(Locale.ROOT);
    }
}
