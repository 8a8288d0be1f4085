/**
 * Models for tests, built in memory, and what else tests of several modules share. Published in the
 * test jar.
 *
 * <p><b>May import:</b> the JDK, {@code dev.millrace.gpu.engine} and the ONNX protobuf messages.
 */
package dev.millrace.gpu.testing;
