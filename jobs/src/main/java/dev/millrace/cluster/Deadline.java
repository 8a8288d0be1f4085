package dev.millrace.cluster;

import dev.millrace.cluster.ClusterException.Fate;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The time that one step may take. Within it requests are repeated that a cluster does not answer:
 * a JobManager that is being replaced answers none for a while. One thread.
 */
final class Deadline {
    private static final long POLL_NANOS = 250_000_000;

    private final Duration patience;
    private final long endNanos;

    Deadline(Duration patience) {
        this.patience = patience;
        this.endNanos = System.nanoTime() + patience.toNanos();
    }

    /** A request to a cluster. */
    interface Request<T> {
        T send() throws ClusterException;
    }

    long patienceSeconds() {
        return patience.toSeconds();
    }

    boolean over() {
        return System.nanoTime() - endNanos > 0;
    }

    /** Between two looks at something that takes its time. */
    void pause() {
        LockSupport.parkNanos(POLL_NANOS);
    }

    /** Sends a request that may arrive twice, until it is answered. */
    <T> T repeat(Request<T> request) throws ClusterException {
        while (true) {
            try {
                return request.send();
            } catch (ClusterException e) {
                if (!e.mayPass() || over()) {
                    throw e;
                }
            }
            pause();
        }
    }

    /** Sends a request that may not arrive twice, until it has arrived. */
    <T> T deliver(Request<T> request) throws ClusterException {
        while (true) {
            try {
                return request.send();
            } catch (ClusterException e) {
                if (e.fate() != Fate.UNSENT || over()) {
                    throw e;
                }
            }
            pause();
        }
    }
}
