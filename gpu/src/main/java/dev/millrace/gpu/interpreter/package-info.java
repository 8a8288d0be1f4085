/**
 * Carries out a plan as it is written, without specialising anything: the definition in running
 * code, what constants are folded with, and the fallback of the CPU engine.
 *
 * <p><b>Threads.</b> An interpreter belongs to one thread at a time; it owns its scratch memory.
 *
 * <p><b>May import:</b> the JDK, {@code dev.millrace.gpu.model}, {@code dev.millrace.gpu.engine},
 * {@code dev.millrace.gpu.math}.
 */
package dev.millrace.gpu.interpreter;
