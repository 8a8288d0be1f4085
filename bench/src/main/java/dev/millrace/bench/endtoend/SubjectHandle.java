package dev.millrace.bench.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.bench.subject.OperatorFigures;
import dev.millrace.bench.subject.RunSpec;
import dev.millrace.bench.subject.StackProfile;
import dev.millrace.bench.subject.SubjectProcess;
import dev.millrace.bench.subject.SubjectProcess.Action;
import dev.millrace.bench.subject.SubjectProcess.Request;
import dev.millrace.bench.subject.SubjectSpec;
import dev.millrace.bench.subject.Usage;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A subject's process, seen from outside. It ends with this process. One thread. */
final class SubjectHandle implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SHUTDOWN_SECONDS = 20;

    private final SubjectSpec spec;
    private final Path errors;
    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    SubjectHandle(SubjectSpec spec, List<String> jvmArguments) throws IOException {
        this.spec = spec;
        Path folder = Files.createDirectories(Path.of(spec.folder()));
        errors = folder.resolve("stderr.txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmArguments);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(SubjectProcess.class.getName());
        command.add(JSON.writeValueAsString(spec));
        process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        requests = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
        answer("its start");
    }

    SubjectSpec spec() {
        return spec;
    }

    void start(RunSpec run) throws IOException {
        ask(Action.START, run);
    }

    void stop() throws IOException {
        ask(Action.STOP, null);
    }

    Usage usage() throws IOException {
        return JSON.treeToValue(ask(Action.USAGE, null), Usage.class);
    }

    OperatorFigures operator() throws IOException {
        return JSON.treeToValue(ask(Action.OPERATOR, null), OperatorFigures.class);
    }

    void startProfile() throws IOException {
        ask(Action.START_PROFILE, null);
    }

    StackProfile.Result stopProfile() throws IOException {
        return JSON.treeToValue(ask(Action.STOP_PROFILE, null), StackProfile.Result.class);
    }

    private JsonNode ask(Action action, RunSpec run) throws IOException {
        requests.write(JSON.writeValueAsString(new Request(action, run)));
        requests.newLine();
        requests.flush();
        return answer(action.toString());
    }

    private JsonNode answer(String to) throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException(
                    "The process of '%s' ended without an answer to %s. It said:%n%s"
                            .formatted(spec.title(), to, Files.readString(errors)));
        }
        JsonNode response = JSON.readTree(line);
        if (!response.get("failure").isNull()) {
            throw new IOException(
                    "'%s' failed at %s: %s"
                            .formatted(spec.title(), to, response.get("failure").asText()));
        }
        return response.get("value");
    }

    @Override
    public void close() throws IOException {
        try {
            requests.close();
            if (!process.waitFor(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
