package dev.millrace.gpu.interpreter;

/** Carries out one step for the rows of a chunk. */
interface StepRunner {
    /** Returns the first row at fault, counted from the chunk's first, or Integer.MAX_VALUE. */
    int run(int rows);
}
