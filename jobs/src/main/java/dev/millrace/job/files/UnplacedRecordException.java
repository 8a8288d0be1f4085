package dev.millrace.job.files;

import java.io.IOException;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * A field that the user named does not say where or when a record was. Reading it again would not
 * help, so the job does not restart for it.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
final class UnplacedRecordException extends IOException {
    private static final long serialVersionUID = 1L;

    UnplacedRecordException(String message) {
        super(message);
    }
}
