package dev.millrace.job.kafka;

/** A broker did not answer, or refused the question. */
public final class BrokerUnavailableException extends Exception {
    BrokerUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
