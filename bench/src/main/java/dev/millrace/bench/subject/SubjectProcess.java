package dev.millrace.bench.subject;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.local.LocalLogging;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The main of a subject's process: reads one {@link Request} a line and answers each with one line,
 * until its standard input ends.
 */
public final class SubjectProcess {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SubjectSpec spec;
    private final Subject subject;
    private StackProfile profile;

    private SubjectProcess(SubjectSpec spec) {
        this.spec = spec;
        this.subject = spec.kind().create(spec);
    }

    /** What a subject can be told. */
    public enum Action {
        START,
        STOP,
        USAGE,
        OPERATOR,
        START_PROFILE,
        STOP_PROFILE
    }

    /**
     * A command.
     *
     * @param run with {@link Action#START}
     */
    public record Request(Action action, RunSpec run) {}

    /**
     * An answer.
     *
     * @param failure null if the command was carried out
     * @param value what was asked for, or null
     */
    public record Response(String failure, Object value) {}

    public static void main(String[] arguments) throws Exception {
        // The parent reads answers; whatever else is said goes elsewhere.
        PrintStream answers = System.out;
        System.setOut(System.err);
        SubjectSpec spec = JSON.readValue(arguments[0], SubjectSpec.class);
        Files.createDirectories(Path.of(spec.folder()));
        LocalLogging.toFile(Path.of(spec.folder(), "subject.log"));
        SubjectProcess process = new SubjectProcess(spec);
        try (BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            answers.println(JSON.writeValueAsString(new Response(null, "ready")));
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                Response response = process.answer(JSON.readValue(line, Request.class));
                answers.println(JSON.writeValueAsString(response));
            }
        }
        process.subject.close();
        // Threads of a failed run must not keep the process.
        System.exit(0);
    }

    private Response answer(Request request) {
        try {
            return new Response(null, carryOut(request));
        } catch (Exception e) {
            e.printStackTrace();
            return new Response(e.toString(), null);
        }
    }

    private Object carryOut(Request request) throws Exception {
        return switch (request.action()) {
            case START -> {
                subject.start(request.run());
                yield null;
            }
            case STOP -> {
                subject.stop();
                yield null;
            }
            case USAGE -> UsageMeter.read();
            case OPERATOR -> subject.operator().map(OperatorFigures::of).orElse(null);
            case START_PROFILE -> startProfile();
            case STOP_PROFILE -> profile.stop(Path.of(spec.folder(), "profile.jfr"));
        };
    }

    private Object startProfile() throws IOException {
        profile = new StackProfile();
        profile.start();
        return null;
    }
}
