package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class CommandsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "commands.md");
    private static final int WIDTH = 96;
    private static final String HEAD =
            """
            # The millrace command

            <!-- Generated from the commands' own help; a test compares it. Write it anew with
                 ./mvnw -q -pl jobs -am test -Dtest=CommandsPageTest -Dcommands.page=write \
            -Dsurefire.failIfNoSpecifiedTests=false -->

            `./millrace` builds what is missing or older than its sources, then runs. It needs Java
            17, which it finds by `JAVA_HOME` or on the path; `MILLRACE_JAVA_OPTS` holds options for
            Java, for example `-Xmx4g`. Exit codes: 0 done, 1 failed, 2 wrong usage or a pipeline
            refused.
            """;

    private static List<CommandLine> all(CommandLine command) {
        List<CommandLine> commands = new ArrayList<>();
        commands.add(command);
        for (CommandLine child : command.getSubcommands().values()) {
            if (!child.getCommandName().equals("help")) {
                commands.addAll(all(child));
            }
        }
        return commands;
    }

    private static String page() {
        StringBuilder page = new StringBuilder(HEAD);
        for (CommandLine command : all(Millrace.commandLine())) {
            command.setUsageHelpAutoWidth(false).setUsageHelpWidth(WIDTH);
            String usage =
                    command.getUsageMessage(CommandLine.Help.Ansi.OFF)
                            .replaceAll("[ \\t]+\\R", "\n");
            page.append("\n## ")
                    .append(command.getCommandSpec().qualifiedName())
                    .append("\n\n```\n")
                    .append(usage.strip())
                    .append("\n```\n");
        }
        return page.toString();
    }

    @Test
    void pageIsTheHelpOfTheCommands() throws IOException {
        if ("write".equals(System.getProperty("commands.page"))) {
            Files.writeString(PAGE, page());
        }
        assertThat(Files.readString(PAGE))
                .as("docs/commands.md; its first lines say how to write it anew")
                .isEqualTo(page());
    }

    @Test
    void everyOptionSaysWhatItDoes() {
        for (CommandLine command : all(Millrace.commandLine())) {
            for (OptionSpec option : command.getCommandSpec().options()) {
                String name = command.getCommandName() + " " + option.longestName();
                assertThat(String.join("", option.description())).as(name).isNotBlank();
                if (option.arity().max() > 0) {
                    assertThat(option.paramLabel()).as(name).doesNotStartWith("<");
                }
            }
        }
    }
}
