/**
 * From a plan to CUDA C++: {@code Grouping} says which steps share a kernel, {@code ProgramWriter}
 * writes them, {@code KernelProgram} is what an engine launches. See {@code gpu/IMPLEMENTATION.md}.
 *
 * <p><b>The one separation rule.</b> How the work of a step is laid out over threads ({@code
 * WorkLoop}) is apart from what one point computes ({@code StepWriter} and {@code ExprWriter}), and
 * both are apart from where values lie ({@code Location}). So every step kind works in either
 * layout and any memory, and a new layout cannot change a bit of a score.
 *
 * <p><b>Threads.</b> Everything here is immutable once made, or used by one thread.
 *
 * <p><b>May import:</b> the JDK, {@code gpu.engine}, {@code gpu.model}, {@code gpu.cuda.compiler}.
 * No driver: a program can be generated and compiled on a machine without a GPU.
 */
package dev.millrace.gpu.cuda.kernel;
