package dev.millrace.job.config;

import java.util.Optional;

/**
 * One setting of a pipeline.
 *
 * @param key hierarchical, kebab-case: {@code batching.max-batch-size}
 * @param type how a value is read and written
 * @param required whether a pipeline without it is refused
 * @param fallback the value where the pipeline says nothing; empty where it is derived or absent
 * @param fallbackText what the documentation says about the default
 * @param unit what a number counts; empty where the type says it
 * @param description what it does, in full sentences, for the documentation
 */
public record Option<T>(
        String key,
        OptionType<T> type,
        boolean required,
        Optional<T> fallback,
        String fallbackText,
        String unit,
        String description) {

    /** A setting that every pipeline has to make. */
    static <T> Option<T> required(String key, OptionType<T> type, String description) {
        return new Option<>(key, type, true, Optional.empty(), "", "", description);
    }

    /** A setting with a default. */
    static <T> Option<T> of(String key, OptionType<T> type, T fallback, String description) {
        return new Option<>(
                key, type, false, Optional.of(fallback), type.write(fallback), "", description);
    }

    /** A setting whose default follows from others, or that is off unless set. */
    static <T> Option<T> derived(
            String key, OptionType<T> type, String fallbackText, String description) {
        return new Option<>(key, type, false, Optional.empty(), fallbackText, "", description);
    }

    Option<T> unit(String newUnit) {
        return new Option<>(key, type, required, fallback, fallbackText, newUnit, description);
    }
}
