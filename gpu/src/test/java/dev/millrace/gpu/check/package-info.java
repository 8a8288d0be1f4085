/**
 * What {@code scripts/gpu-check} runs on a machine with a GPU: tests, node tests, the engine's
 * benchmark, the soak. {@link dev.millrace.gpu.check.GpuCheck} is the way in.
 *
 * <p><b>Threads.</b> The caller's; the soak has one per engine.
 *
 * <p><b>May import:</b> everything of this module, the launcher of JUnit.
 */
package dev.millrace.gpu.check;
