package dev.millrace.local.demo;

/** Shows a demo to somebody. One thread. */
interface DemoView extends AutoCloseable {
    /** Says something once: an address, a step. */
    void say(String line);

    /** Shows how the demo stands; called every {@link #intervalMs()}. */
    void show(DemoStatus status);

    long intervalMs();

    /** Gives the terminal back. Idempotent. */
    @Override
    void close();
}
