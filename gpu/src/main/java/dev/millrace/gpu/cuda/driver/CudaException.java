package dev.millrace.gpu.cuda.driver;

import java.util.Set;

/** A driver call failed. Says which and with what code. */
public final class CudaException extends RuntimeException {
    /** What a failed call means for whoever made it. */
    public enum Severity {
        OUT_OF_MEMORY,
        /** The call failed, the device did not. */
        CALL,
        /** The context is broken for good: only a new process can use the device again. */
        DEVICE_FATAL
    }

    private static final int OUT_OF_MEMORY = 2;

    // Errors after which every further call on the context fails: the driver API's documentation
    // says of each that the process must be terminated and relaunched.
    private static final Set<Integer> FATAL =
            Set.of(
                    4, 46, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721,
                    999);

    private final int code;

    CudaException(String call, int code, String name) {
        super("%s failed with %s (%d)".formatted(call, name, code));
        this.code = code;
    }

    public int code() {
        return code;
    }

    public Severity severity() {
        if (code == OUT_OF_MEMORY) {
            return Severity.OUT_OF_MEMORY;
        }
        return FATAL.contains(code) ? Severity.DEVICE_FATAL : Severity.CALL;
    }
}
