package dev.millrace.bench.endtoend;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.kafka.common.utils.AppInfoParser;

/** Where figures were taken. Immutable. */
record Machine(
        String at,
        int cores,
        String processor,
        long memoryMiB,
        String system,
        String java,
        String flink,
        String kafkaClients,
        double loadAverage) {

    static Machine here() throws IOException {
        var system =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        return new Machine(
                Instant.now().toString(),
                Runtime.getRuntime().availableProcessors(),
                processorName(),
                system.getTotalMemorySize() >> 20,
                "%s %s %s".formatted(system.getName(), system.getVersion(), system.getArch()),
                "%s %s"
                        .formatted(
                                System.getProperty("java.vm.name"),
                                System.getProperty("java.runtime.version")),
                EnvironmentInformation.getVersion(),
                AppInfoParser.getVersion(),
                system.getSystemLoadAverage());
    }

    private static String processorName() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return "unknown";
        }
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("unknown");
        }
    }

    String text() {
        return String.format(
                Locale.ROOT,
                "%d cores %s, %d MiB, %s, %s, Flink %s, Kafka clients %s, load average %.1f",
                cores,
                processor,
                memoryMiB,
                system,
                java,
                flink,
                kafkaClients,
                loadAverage);
    }
}
