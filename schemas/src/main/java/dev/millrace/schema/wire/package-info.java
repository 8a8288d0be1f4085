/**
 * Wire formats: how a Kafka value names its schema and carries its fields. Decoders turn a value
 * into one row of tensors, encoders turn a record into a value; a client speaks to a schema
 * registry over its public REST interface.
 *
 * <p><b>Threads.</b> Decoders and encoders are owned by one task. The registry client may be
 * shared.
 *
 * <p><b>May import:</b> {@code dev.millrace.schema}, {@code dev.millrace.schema.feature}, the JDK,
 * Avro, Jackson, slf4j.
 */
package dev.millrace.schema.wire;
