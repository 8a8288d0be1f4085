/**
 * Users' models scored from topic to topic.
 *
 * <p><b>Threads.</b> A test's own.
 *
 * <p><b>May import:</b> everything, ONNX Runtime's own interface to compare with.
 */
package dev.millrace.models;
