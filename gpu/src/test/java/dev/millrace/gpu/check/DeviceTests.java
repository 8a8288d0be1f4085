package dev.millrace.gpu.check;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.millrace.gpu.conformance.Conformance;
import dev.millrace.gpu.conformance.NodeTest;
import dev.millrace.gpu.conformance.Outcome;
import dev.millrace.gpu.conformance.Tolerance;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Tests on the device at hand. */
final class DeviceTests {
    private static final String TESTS = "dev.millrace.gpu.cuda.OnDeviceTest";

    private DeviceTests() {}

    /** The engine contract, bit equality and golden vectors. Returns what came of them. */
    static Map<String, Object> run(PrintStream out) {
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request().selectors(selectClass(TESTS)).build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        PrintWriter writer = new PrintWriter(out, false, StandardCharsets.UTF_8);
        summary.printFailuresTo(writer);
        writer.flush();
        out.printf(
                "%d tests passed, %d failed, %d skipped%n",
                summary.getTestsSucceededCount(),
                summary.getTotalFailureCount(),
                summary.getTestsSkippedCount() + summary.getTestsAbortedCount());
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("passed", summary.getTestsSucceededCount());
        report.put("failed", summary.getTotalFailureCount());
        report.put(
                "ok", summary.getTestsSucceededCount() > 0 && summary.getTotalFailureCount() == 0);
        return report;
    }

    /** ONNX node tests of a folder. */
    static Map<String, Object> nodeTests(String backend, Path folder, PrintStream out)
            throws IOException, InterruptedException {
        Conformance conformance = new Conformance(backend, Tolerance.ONNX);
        Map<Outcome.Verdict, Long> counts = new EnumMap<>(Outcome.Verdict.class);
        for (Outcome.Verdict verdict : Outcome.Verdict.values()) {
            counts.put(verdict, 0L);
        }
        for (NodeTest test : NodeTest.below(folder)) {
            Outcome outcome = conformance.run(test);
            counts.merge(outcome.verdict(), 1L, Long::sum);
            if (outcome.verdict() != Outcome.Verdict.PASSED) {
                out.printf("%s %s: %s%n", outcome.verdict(), test.name(), outcome.reason());
            }
        }
        long passed = counts.get(Outcome.Verdict.PASSED);
        long failed = counts.get(Outcome.Verdict.FAILED);
        long refused = counts.get(Outcome.Verdict.REFUSED);
        out.printf("node tests: %d passed, %d failed, %d refused%n", passed, failed, refused);
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("passed", passed);
        report.put("failed", failed);
        report.put("refused", refused);
        report.put("ok", failed == 0 && passed > 0);
        return report;
    }
}
