/**
 * Records that cannot be scored: how a function refuses one, and what becomes of it.
 *
 * <p><b>Threads.</b> Values; no thread of their own.
 *
 * <p><b>May import:</b> the JDK, and Flink's type information and {@code OutputTag}.
 */
package dev.millrace.operator.deadletter;
