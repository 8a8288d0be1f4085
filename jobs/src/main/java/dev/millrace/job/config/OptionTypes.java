package dev.millrace.job.config;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The types of settings that are written as one YAML scalar. */
final class OptionTypes {
    private OptionTypes() {}

    static final OptionType<String> STRING = scalar("text", "a text", text -> text, text -> text);
    static final OptionType<Path> FILE =
            scalar("file", "a file", Path::of, path -> path.toString());
    static final OptionType<Boolean> BOOLEAN =
            scalar("boolean", "true or false", OptionTypes::bool, String::valueOf);
    static final OptionType<Duration> DURATION =
            scalar(
                    "duration",
                    "a duration with its unit, for example '5 ms', '10 s' or '2 min'",
                    Durations::parse,
                    Durations::format);
    static final OptionType<Instant> INSTANT =
            scalar(
                    "instant",
                    "a point in time, for example '2026-01-31T08:00:00Z'",
                    OptionTypes::instant,
                    Instant::toString);

    /** A name that is safe in topic names, transactional ids, folders and metrics. */
    static OptionType<String> matching(String name, Pattern pattern, String expected) {
        return scalar(
                name,
                expected,
                text -> {
                    if (!pattern.matcher(text).matches()) {
                        throw new IllegalArgumentException();
                    }
                    return text;
                },
                text -> text);
    }

    static OptionType<Integer> integer(int least, int most) {
        String range =
                most == Integer.MAX_VALUE
                        ? "a whole number of at least " + least
                        : "a whole number from %d to %d".formatted(least, most);
        return scalar("integer", range, text -> inRange(text, least, most), String::valueOf);
    }

    static <E extends Enum<E>> OptionType<E> oneOf(Class<E> type) {
        E[] constants = type.getEnumConstants();
        List<String> names = Arrays.stream(constants).map(OptionTypes::kebab).toList();
        String expected = "one of " + names.stream().collect(joined());
        return scalar(
                expected,
                expected,
                names,
                text ->
                        Arrays.stream(constants)
                                .filter(constant -> kebab(constant).equals(text))
                                .findFirst()
                                .orElseThrow(IllegalArgumentException::new),
                OptionTypes::kebab);
    }

    static OptionType<String> oneOf(List<String> names) {
        String expected = "one of " + names.stream().collect(joined());
        return scalar(
                expected,
                expected,
                names,
                text -> {
                    if (!names.contains(text)) {
                        throw new IllegalArgumentException();
                    }
                    return text;
                },
                text -> text);
    }

    private static java.util.stream.Collector<CharSequence, ?, String> joined() {
        return Collectors.joining(", ");
    }

    /** An enum constant as users write it: {@code EXACTLY_ONCE} as {@code exactly-once}. */
    static String kebab(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Integer inRange(String text, int least, int most) {
        int value = Integer.parseInt(text.replace("_", ""));
        if (value < least || value > most) {
            throw new IllegalArgumentException();
        }
        return value;
    }

    private static Boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /**
     * @param expected completes the sentence "expected ...", shown when {@code parse} throws {@link
     *     IllegalArgumentException}
     */
    private static <T> OptionType<T> scalar(
            String name, String expected, Function<String, T> parse, Function<T, String> write) {
        return scalar(name, expected, List.of(), parse, write);
    }

    /**
     * @param names all values, where they are few enough to have names
     */
    private static <T> OptionType<T> scalar(
            String name,
            String expected,
            List<String> names,
            Function<String, T> parse,
            Function<T, String> write) {
        return new OptionType<>() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Optional<T> read(Node node, ConfigReading reading) {
                return reading.text(node, expected).flatMap(text -> parsed(text, node, reading));
            }

            private Optional<T> parsed(String text, Node node, ConfigReading reading) {
                try {
                    return Optional.of(parse.apply(text.strip()));
                } catch (IllegalArgumentException e) {
                    String found = ConfigReading.quote(node);
                    reading.problem(
                            node, "expected %s, found %s".formatted(expected, found), fix(node));
                    return Optional.empty();
                }
            }

            /** Goes by what stands in the file: a placeholder's value is not to be shown. */
            private String fix(Node node) {
                if (!(node instanceof ScalarNode scalar) || Placeholders.in(scalar.getValue())) {
                    return "";
                }
                String written =
                        scalar.getValue().strip().toLowerCase(Locale.ROOT).replace('_', '-');
                // Of short names one letter says too much: a gpu is not meant to be a cpu.
                return Nearest.to(written, names)
                        .filter(name -> Nearest.distance(written, name) * 3 < written.length())
                        .map("Did you mean '%s'?"::formatted)
                        .orElse("");
            }

            @Override
            public String write(T value) {
                return write.apply(value);
            }
        };
    }
}
