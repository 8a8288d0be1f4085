/**
 * Avro contracts of what Millrace writes: scored records and model releases, their encoders and
 * decoders, schema fingerprints, and the layout of tensors as this module sees them.
 *
 * <p><b>Threads.</b> Values are immutable. Encoders are owned by one task thread.
 *
 * <p><b>May import:</b> the JDK, Avro, and Jackson's streaming generator. Nothing of {@code
 * dev.millrace} outside this package.
 */
package dev.millrace.schema;
