/**
 * Replays: history scored again by the topology of the scoring job, from a range of topics, dead
 * letters or archived files, into a topic or files of its own.
 *
 * <p><b>Threads.</b> Everything here runs in the client that starts a job, but for the meter around
 * a replay's source, which runs where sources do.
 *
 * <p><b>May import:</b> what {@link dev.millrace.job} may, and that package.
 */
package dev.millrace.job.replay;
