/**
 * Model releases: which version scores a record, decided by the record's own timestamp and key and
 * by a log that all tasks agree on.
 *
 * <p><b>The log.</b> A compacted topic ({@link dev.millrace.job.release.ReleaseTopic}) holds
 * releases, the tasks' votes and the decisions. A release counts once it is accepted; the record of
 * its acceptance is the moment it does.
 *
 * <p><b>Agreement.</b> A task that meets a new release stops in front of the first record it
 * claims, loads the version, and votes with the greatest timestamp it has let through. The task
 * with index 0 accepts the release when all have voted and none has let a record through that the
 * release claims; else it refuses it as a whole. So no record is ever scored by a version that the
 * log, read later, would not choose for it, whatever fails in between.
 *
 * <p><b>Serving.</b> {@link dev.millrace.job.release.VersionedEngine} is an engine of several
 * versions: a micro-batch stays whole, and each row goes to the versions that the log chose.
 *
 * <p><b>Threads.</b> A session's listener thread reads the topic, loads models and votes; the task
 * thread asks for choices and waits at the gate.
 *
 * <p><b>May import:</b> {@code dev.millrace.schema}, {@code gpu.engine}, {@code
 * operator.inference}, Flink, Kafka's client.
 */
package dev.millrace.job.release;
