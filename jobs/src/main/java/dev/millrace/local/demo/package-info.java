/**
 * The demo: card transactions that follow from a seed, submitted to a broker on this machine and
 * scored by the same job that production runs, watched, and accounted for at the end.
 *
 * <p><b>A demo survives its process.</b> Records are numbered; the topic itself tells which ones it
 * holds; the job goes on from its last checkpoint; the account at the end is made from the topics
 * alone. So {@code kill -9} at any moment costs time and nothing else.
 *
 * <p><b>Threads.</b> The caller's thread runs the demo; one thread submits, one reads what comes
 * out.
 *
 * <p><b>May import:</b> {@code dev.millrace.local}, {@code dev.millrace.job}, Flink, Kafka. Only
 * {@code dev.millrace.cli} imports it.
 */
package dev.millrace.local.demo;
