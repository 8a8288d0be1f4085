package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the README and the pages under docs say is so. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path README = ROOT.resolve("README.md");
    private static final Path EXAMPLE =
            ROOT.resolve("jobs/src/test/java/dev/millrace/example/OwnStreamExample.java");
    private static final Pattern FENCE =
            Pattern.compile("^```(\\w+)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern COMMAND =
            Pattern.compile("(?:^|`)\\./millrace ([^`#\\n]*)", Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)[^)]*\\)");
    private static final Pattern TYPE = Pattern.compile("\\bdev\\.millrace(?:\\.\\w+)+");

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        pages.add(README);
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            docs.filter(path -> path.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    private static List<String> fences(Path page, String language) throws IOException {
        return FENCE.matcher(Files.readString(page))
                .results()
                .filter(fence -> fence.group(1).equals(language))
                .map(fence -> fence.group(2))
                .toList();
    }

    /** One test for each thing of a kind that any page says. */
    private static List<DynamicTest> each(Pattern pattern, int group, Check check)
            throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages()) {
            Matcher matcher = pattern.matcher(Files.readString(page));
            for (MatchResult found : matcher.results().toList()) {
                String said = found.group(group).strip();
                String name = ROOT.relativize(page) + ": " + said;
                tests.add(DynamicTest.dynamicTest(name, () -> check.check(page, said)));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests;
    }

    private interface Check {
        void check(Path page, String said) throws Exception;
    }

    @Test
    void showsTheExampleThatIsCompiledAndRun() throws IOException {
        List<String> lines = Files.readAllLines(EXAMPLE);
        int begin = lines.indexOf("        // README begin");
        int end = lines.indexOf("        // README end");
        String example = String.join("\n", lines.subList(begin + 1, end)).stripIndent() + "\n";
        assertThat(fences(README, "java")).containsExactly(example);
    }

    @TestFactory
    List<DynamicTest> namesCommandsThatExist() throws IOException {
        return each(
                COMMAND,
                1,
                (page, said) ->
                        assertThatCode(() -> parse(said.split("\\s+"))).doesNotThrowAnyException());
    }

    /** A command that is mentioned by its name alone need not be complete. */
    private static void parse(String[] command) {
        if (command.length == 1) {
            assertThat(Millrace.commandLine().getSubcommands()).containsKey(command[0]);
            return;
        }
        Millrace.commandLine().parseArgs(command);
    }

    @TestFactory
    List<DynamicTest> linksToFilesThatExist() throws IOException {
        return each(
                LINK,
                1,
                (page, said) -> {
                    assumeThat(said).doesNotStartWith("http");
                    assertThat(page.resolveSibling(said)).exists();
                });
    }

    @TestFactory
    List<DynamicTest> namesClassesAndPackagesThatExist() throws IOException {
        return each(TYPE, 0, (page, said) -> assertThat(place(said)).as(said).isPresent());
    }

    private static Optional<URL> place(String name) {
        ClassLoader loader = ReadmeTest.class.getClassLoader();
        String path = name.replace('.', '/');
        return Optional.ofNullable(loader.getResource(path + ".class"))
                .or(() -> Optional.ofNullable(loader.getResource(path)));
    }
}
