/**
 * Pipelines from topic to topic, with the real broker and Flink's cluster in this process, and with
 * everything going wrong that can be made to go wrong.
 */
package dev.millrace.endtoend;
