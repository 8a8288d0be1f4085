/**
 * From a record to one row of a model's input tensors: which fields feed which elements ({@link
 * dev.millrace.schema.feature.FeatureSpec}), compiled against a schema into steps that write the
 * row without building a record object.
 *
 * <p><b>Threads.</b> Specifications are immutable. Plans keep per-record state: one per task.
 *
 * <p><b>May import:</b> {@code dev.millrace.schema}, the JDK, Avro, Jackson's streaming parser.
 */
package dev.millrace.schema.feature;
