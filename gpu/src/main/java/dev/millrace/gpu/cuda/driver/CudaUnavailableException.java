package dev.millrace.gpu.cuda.driver;

/** This process cannot use CUDA; the message says what is missing and the way out. */
public final class CudaUnavailableException extends Exception {
    public CudaUnavailableException(String message) {
        super(message);
    }

    public CudaUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
