package dev.millrace.gpu.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code torch-bench.py} measured: a first line about it, then lines of model, rows, mode,
 * records per second and microseconds of a lone micro-batch, between tabs.
 */
final class TorchFigures {
    private static final int FIELDS = 5;

    /** One line. */
    record Figure(
            String model, int rows, String mode, double recordsPerSecond, double loneP50Micros) {}

    private final String about;
    private final List<Figure> figures;

    private TorchFigures(String about, List<Figure> figures) {
        this.about = about;
        this.figures = figures;
    }

    static TorchFigures read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty()) {
            throw new IOException(file + " is empty");
        }
        List<Figure> figures = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split("\t", -1);
            if (fields.length != FIELDS) {
                throw new IOException("'%s' of %s has not %d fields".formatted(line, file, FIELDS));
            }
            figures.add(
                    new Figure(
                            fields[0],
                            Integer.parseInt(fields[1]),
                            fields[2],
                            Double.parseDouble(fields[3]),
                            Double.parseDouble(fields[4])));
        }
        return new TorchFigures(lines.get(0), figures);
    }

    String about() {
        return about;
    }

    /** The fastest of some modes, of those that were measured. */
    Optional<Figure> fastest(String model, int rows, List<String> modes) {
        return figures.stream()
                .filter(f -> f.model().equals(model) && f.rows() == rows)
                .filter(f -> modes.contains(f.mode()))
                .max(Comparator.comparingDouble(Figure::recordsPerSecond));
    }

    List<Map<String, Object>> toJson() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Figure figure : figures) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("model", figure.model());
            one.put("rows", figure.rows());
            one.put("mode", figure.mode());
            one.put("recordsPerSecond", figure.recordsPerSecond());
            one.put("loneP50Micros", figure.loneP50Micros());
            all.add(one);
        }
        return all;
    }
}
