package dev.millrace.gpu.check;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The engine's benchmark: every model at every size, beside the copy limit and PyTorch. */
final class DeviceBenchmark {
    /** From the issue that asked for them. */
    private static final double WANTED_OF_COPY_LIMIT = 0.8;

    private static final double WANTED_LONE_MICROS = 60;
    private static final int LONE_ROWS = 256;
    private static final List<String> EAGER = List.of("eager");

    /** By itself, or captured with its copies as a CUDA graph: the faster one counts. */
    private static final List<String> COMPILED = List.of("compiled", "captured");

    private static final int SLOTS = 4;

    private final String backend;
    private final List<Integer> sizes;
    private final long nanos;
    private final CopyLimit limit;
    private final Optional<TorchFigures> torch;
    private final PrintStream out;
    private final List<Map<String, Object>> lines = new ArrayList<>();
    private double leastOfCopyLimit = Double.POSITIVE_INFINITY;
    private double worstLoneMicros;
    private double worstOfCompiled = Double.POSITIVE_INFINITY;

    DeviceBenchmark(
            String backend,
            List<Integer> sizes,
            long nanos,
            CopyLimit limit,
            Optional<TorchFigures> torch,
            PrintStream out) {
        this.backend = backend;
        this.sizes = sizes;
        this.nanos = nanos;
        this.limit = limit;
        this.torch = torch;
        this.out = out;
    }

    /** Measures and prints; returns the lines. */
    List<Map<String, Object>> run() throws EngineException, InterruptedException {
        out.printf(
                Locale.ROOT,
                "copy limit: %.2f GB/s to the device, %.2f GB/s from it, %.2f GB/s to it with both at once%n",
                limit.h2d() * 1e-9,
                limit.d2h() * 1e-9,
                limit.h2dOfBoth() * 1e-9);
        out.println(
                "| model | rows | records/s | of copy limit | alone, us | alone, p99, us | H2D us | kernels us | D2H us | times eager | times compiled |");
        out.println("|---|---|---|---|---|---|---|---|---|---|---|");
        int most = sizes.get(sizes.size() - 1);
        for (CheckedModel model : CheckedModel.values()) {
            double atLargest = 0;
            try (Engine engine =
                    Engines.open(model.artifact(), EngineOptions.of(backend, most, SLOTS))) {
                EngineTimes times = new EngineTimes(engine);
                double copies = limit.recordsPerSecond(engine.signature());
                for (int rows : sizes) {
                    EngineTimes.Figures figures = times.measure(rows, nanos);
                    line(model, figures, copies);
                    atLargest = figures.recordsPerSecond() / copies;
                    if (rows == LONE_ROWS) {
                        worstLoneMicros = Math.max(worstLoneMicros, figures.loneP50Micros());
                    }
                }
            }
            if (model.isSmallPerceptron()) {
                leastOfCopyLimit = Math.min(leastOfCopyLimit, atLargest);
            }
        }
        return lines;
    }

    private void line(CheckedModel model, EngineTimes.Figures figures, double copies) {
        String name = model.specification();
        Optional<Double> eager = timesTorch(name, figures, EAGER);
        Optional<Double> compiled = timesTorch(name, figures, COMPILED);
        compiled.ifPresent(ratio -> worstOfCompiled = Math.min(worstOfCompiled, ratio));
        out.printf(
                Locale.ROOT,
                "| %s | %d | %.0f | %.3f | %.1f | %.1f | %.1f | %.1f | %.1f | %s | %s |%n",
                name,
                figures.rows(),
                figures.recordsPerSecond(),
                figures.recordsPerSecond() / copies,
                figures.loneP50Micros(),
                figures.loneP99Micros(),
                figures.h2dMicros(),
                figures.kernelMicros(),
                figures.d2hMicros(),
                text(eager),
                text(compiled));
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("model", name);
        line.put("rows", figures.rows());
        line.put("recordsPerSecond", figures.recordsPerSecond());
        line.put("copyLimitRecordsPerSecond", copies);
        line.put("ofCopyLimit", figures.recordsPerSecond() / copies);
        line.put("loneP50Micros", figures.loneP50Micros());
        line.put("loneP99Micros", figures.loneP99Micros());
        line.put("h2dMicros", figures.h2dMicros());
        line.put("kernelMicros", figures.kernelMicros());
        line.put("d2hMicros", figures.d2hMicros());
        eager.ifPresent(ratio -> line.put("timesPyTorchEager", ratio));
        compiled.ifPresent(ratio -> line.put("timesPyTorchCompiled", ratio));
        lines.add(line);
    }

    private Optional<Double> timesTorch(
            String model, EngineTimes.Figures figures, List<String> modes) {
        return torch.flatMap(all -> all.fastest(model, figures.rows(), modes))
                .map(figure -> figures.recordsPerSecond() / figure.recordsPerSecond());
    }

    private static String text(Optional<Double> ratio) {
        return ratio.map(value -> String.format(Locale.ROOT, "%.2f", value)).orElse("");
    }

    /** What was aimed at, and whether it was met; prints it, too. */
    List<Map<String, Object>> aims() {
        List<Map<String, Object>> aims = new ArrayList<>();
        aim(
                aims,
                "share of the copy limit, the slower of the two small perceptrons at the largest size",
                leastOfCopyLimit,
                WANTED_OF_COPY_LIMIT,
                leastOfCopyLimit >= WANTED_OF_COPY_LIMIT);
        if (sizes.contains(LONE_ROWS)) {
            aim(
                    aims,
                    "microseconds of a lone micro-batch of 256 rows, the slowest model",
                    worstLoneMicros,
                    WANTED_LONE_MICROS,
                    worstLoneMicros < WANTED_LONE_MICROS);
        }
        if (Double.isFinite(worstOfCompiled)) {
            aim(
                    aims,
                    "times the speed of compiled PyTorch, the worst of all sizes and models",
                    worstOfCompiled,
                    1,
                    worstOfCompiled > 1);
        }
        return aims;
    }

    private void aim(
            List<Map<String, Object>> aims, String name, double value, double wanted, boolean met) {
        out.printf(
                Locale.ROOT,
                "%s: %.3f, aim %.1f: %s%n",
                name,
                value,
                wanted,
                met ? "met" : "not met");
        Map<String, Object> aim = new LinkedHashMap<>();
        aim.put("name", name);
        aim.put("value", value);
        aim.put("aim", wanted);
        aim.put("met", met);
        aims.add(aim);
    }
}
