/**
 * The part of the CPU engine written against {@code jdk.incubator.vector}: vectors across outputs,
 * never across k, so the bits are those of the plain loops.
 *
 * <p>Compiled by itself (the incubator's warning cannot be silenced) and loaded by name, only where
 * the JVM runs with {@code --add-modules jdk.incubator.vector}. Nothing may refer to it statically.
 *
 * <p><b>Threads.</b> As {@code dev.millrace.gpu.cpu}.
 *
 * <p><b>May import:</b> the JDK, {@code jdk.incubator.vector}, {@code dev.millrace.gpu.cpu}.
 */
package dev.millrace.gpu.cpu.vector;
