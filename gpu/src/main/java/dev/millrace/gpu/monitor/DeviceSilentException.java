package dev.millrace.gpu.monitor;

/** A device cannot be read; the message says why. */
public final class DeviceSilentException extends Exception {
    public DeviceSilentException(String message) {
        super(message);
    }

    public DeviceSilentException(String message, Throwable cause) {
        super(message, cause);
    }
}
