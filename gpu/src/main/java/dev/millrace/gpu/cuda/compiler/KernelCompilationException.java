package dev.millrace.gpu.cuda.compiler;

/** The compiler refused a program; the message holds its log. */
public final class KernelCompilationException extends RuntimeException {
    KernelCompilationException(String message) {
        super(message);
    }
}
