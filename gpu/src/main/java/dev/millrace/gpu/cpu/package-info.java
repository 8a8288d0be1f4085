/**
 * The CPU engine: plans carried out by the interpreter, with fast kernels for dense layers and tree
 * ensembles. Gives the same bits as the CUDA backend.
 *
 * <p><b>Threads.</b> One thread per engine scores, or several where {@code cpu.threads} says so;
 * see {@link dev.millrace.gpu.cpu.CpuEngine}. Kernels and their scratch memory belong to one of
 * them, packed weights to all engines of a model.
 *
 * <p><b>May import:</b> the JDK, slf4j, and of this module engine, lowering, model, interpreter and
 * math. Only {@code dev.millrace.gpu.cpu.vector} touches {@code jdk.incubator.vector}, and it is
 * loaded by name, where that module is there.
 */
package dev.millrace.gpu.cpu;
