/**
 * The scoring job: a pipeline's configuration held against its model and schema, the functions that
 * connect Kafka's records with the inference operator, and the topology.
 *
 * <p><b>Threads.</b> {@link dev.millrace.job.PreparedPipeline} and {@link
 * dev.millrace.job.ScoringTopology} run in the client that starts a job; the functions on task
 * threads, an instance each.
 *
 * <p><b>May import:</b> everything but a backend of {@code gpu}, the command and {@code
 * dev.millrace.local}.
 */
package dev.millrace.job;
