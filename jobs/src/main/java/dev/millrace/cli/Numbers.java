package dev.millrace.cli;

import java.util.OptionalDouble;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** Reads and checks numbers that users give. */
final class Numbers {
    private Numbers() {}

    static void requireAtLeastOne(CommandSpec spec, String option, int number) {
        if (number < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "%s must be at least 1: %d".formatted(option, number));
        }
    }

    /** A share as {@code 0.01} or {@code 1%}; nothing where the text is none from 0 to 1. */
    static OptionalDouble share(String text) {
        boolean percent = text.endsWith("%");
        try {
            double number =
                    Double.parseDouble(percent ? text.substring(0, text.length() - 1) : text);
            double share = percent ? number / 100 : number;
            return share >= 0 && share <= 1 ? OptionalDouble.of(share) : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /** A share from 0 to 1, or in percent. */
    static final class Share implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            OptionalDouble share = share(text);
            if (share.isEmpty()) {
                throw new TypeConversionException(
                        "'%s' is no share from 0 to 1 such as 0.01 or 1%%".formatted(text));
            }
            return share.getAsDouble();
        }
    }

    /** A whole number a second, {@code /s} may follow. */
    static final class Rate implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            String number = text.endsWith("/s") ? text.substring(0, text.length() - 2) : text;
            try {
                return Long.valueOf(number);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'%s' is no rate such as 5000/s".formatted(text));
            }
        }
    }
}
