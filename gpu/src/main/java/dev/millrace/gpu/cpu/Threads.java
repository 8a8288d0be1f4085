package dev.millrace.gpu.cpu;

/** Waiting for threads to end. */
final class Threads {
    private Threads() {}

    /** Waits until a thread has ended; an interrupt meanwhile is kept for later. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
