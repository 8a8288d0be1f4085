package dev.millrace.cluster;

/** The new version did not come up; the message says why and what runs now. */
public final class UpgradeFailedException extends Exception {
    UpgradeFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
