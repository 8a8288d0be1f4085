package dev.millrace.gpu.cuda.compiler;

import dev.millrace.gpu.cuda.driver.CudaUnavailableException;

/** Makes device code. */
public interface KernelCompiler {
    /** The compiler's version: part of what identifies the code it makes. */
    String version();

    /** What to compile for on a device of this compute capability (90 for 9.0). */
    Target targetFor(int capability) throws CudaUnavailableException;

    /**
     * Compiles a program.
     *
     * @param verbose whether the log should hold registers, shared memory and spills per kernel
     * @throws KernelCompilationException if the program is refused
     */
    Compiled compile(KernelSource source, Target target, boolean verbose);

    /**
     * An architecture and a form of code.
     *
     * @param number 90 for sm_90 or compute_90
     * @param binary device code (CUBIN) for exactly this architecture, else PTX
     */
    record Target(int number, boolean binary) {
        @Override
        public String toString() {
            return (binary ? "sm_" : "compute_") + number;
        }
    }

    /**
     * What came of a compilation.
     *
     * @param image what {@code cuModuleLoadDataEx} takes
     * @param log what the compiler said
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Compiled(byte[] image, String log) {}
}
