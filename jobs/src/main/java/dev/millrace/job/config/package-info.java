/**
 * The configuration of a pipeline: every option, declared once in {@link
 * dev.millrace.job.config.PipelineSettings}; the reader that turns a YAML file into a {@link
 * dev.millrace.job.config.PipelineConfig} or into a list of problems, each with file and line; and
 * the page that documents them.
 *
 * <p><b>Threads.</b> Used by the client that starts a job, on one thread. Nothing here runs in a
 * task.
 *
 * <p><b>May import:</b> SnakeYAML's node API, Kafka's configuration definitions (to check client
 * properties), {@code gpu.engine}, {@code schema.feature}. Not Flink.
 */
package dev.millrace.job.config;
