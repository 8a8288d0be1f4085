package dev.millrace.local;

/**
 * A Kafka broker on this machine that can be stopped and started again with the same data, on the
 * same port. Started when handed out. Owned by one thread.
 */
public interface KafkaBroker extends AutoCloseable {
    /** Where clients connect: {@code 127.0.0.1:PORT}. The same for the broker's whole life. */
    String bootstrapServers();

    /** Starts a stopped broker and returns when it answers. Nothing happens if it runs. */
    void start();

    /** Shuts the broker down in order. Nothing happens if it is stopped. */
    void stop();

    /** Stops the broker; deletes its data if it was given no directory. Idempotent. */
    @Override
    void close();
}
