package dev.millrace.local.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as its user meets it: a process, killed and started again. */
class DemoIT {
    private static final int RECORDS = 120_000;
    private static final double POISON = 0.01;

    @TempDir private Path state;

    @Test
    void losesAndDoublesNothingWhenItIsKilledAndResumed() throws Exception {
        long seed = System.nanoTime();
        System.out.println("Seed " + seed);
        Random random = new Random(seed);
        Process first =
                start("--records", "" + RECORDS, "--poison", "" + POISON, "--rate", "20000");
        killAfter(first, 20_000 + random.nextInt(20_000));
        Process second = start("--resume");
        killAfter(second, 50_000 + random.nextInt(20_000));

        Process third = start("--resume", "--rate", "1000000", "--output", "json");
        List<String> output = third.inputReader(UTF_8).lines().toList();
        assertThat(third.waitFor()).isZero();

        assertThat(output).as("nothing but the result").hasSize(1);
        JsonNode result = new ObjectMapper().readTree(output.get(0));
        assertThat(result.get("submitted").asLong()).isEqualTo(RECORDS);
        assertThat(result.get("deadLetters").asLong()).isEqualTo(poisoned());
        assertThat(result.get("scored").asLong()).isEqualTo(RECORDS - poisoned());
        assertThat(result.get("recordsPerSecond").asDouble()).isPositive();
        assertThat(result.get("latencyMs").get("p99").asDouble())
                .isGreaterThanOrEqualTo(result.get("latencyMs").get("p50").asDouble());
        assertThat(result.get("engine").asText()).isIn("cuda", "cpu", "onnxruntime");
    }

    private static long poisoned() {
        Poison poison = new Poison(7, POISON, null);
        long poisoned = 0;
        for (long number = 0; number < RECORDS; number++) {
            poisoned += poison.strikes(number) ? 1 : 0;
        }
        return poisoned;
    }

    /** Kills a demo as soon as it says that it has submitted so many records. */
    private static void killAfter(Process demo, long submitted) throws Exception {
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = demo.inputReader(UTF_8)) {
            String line = lines.readLine();
            while (line != null && submittedIn(line) < submitted) {
                said.add(line);
                line = lines.readLine();
            }
            assertThat(line).as("the demo was to be killed, but ended: %s", said).isNotNull();
            demo.destroyForcibly();
        }
        assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    private static long submittedIn(String line) {
        int at = line.indexOf("submitted ");
        if (at < 0) {
            return 0;
        }
        String number = line.substring(at + "submitted ".length()).replaceFirst(" .*", "");
        return Long.parseLong(number.replace(",", ""));
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseParallelGC", "-Xmx768m", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of("dev.millrace.cli.Millrace", "demo"));
        command.addAll(List.of("--state-dir", state.resolve("demo").toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
