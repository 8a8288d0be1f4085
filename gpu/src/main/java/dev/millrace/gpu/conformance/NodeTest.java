package dev.millrace.gpu.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model with data to try it on.
 *
 * @param name folder of the test, relative to where the search began
 * @param model the ONNX file
 * @param dataSets folders of {@code input_I.pb} and {@code output_O.pb}, in the order of their
 *     numbers
 */
public record NodeTest(String name, Path model, List<Path> dataSets) {
    private static final String DATA_SET = "test_data_set_";

    public NodeTest {
        dataSets = List.copyOf(dataSets);
    }

    /**
     * Finds all tests below a folder: every ONNX file with data sets beside it. In order of names.
     */
    public static List<NodeTest> below(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> models =
                    files.filter(file -> file.getFileName().toString().endsWith(".onnx"))
                            .filter(Files::isRegularFile)
                            .sorted()
                            .toList();
            Stream.Builder<NodeTest> tests = Stream.builder();
            for (Path model : models) {
                List<Path> dataSets = dataSets(model.getParent());
                if (!dataSets.isEmpty()) {
                    tests.add(new NodeTest(name(folder, model), model, dataSets));
                }
            }
            return tests.build().toList();
        }
    }

    private static String name(Path folder, Path model) {
        String file = model.getFileName().toString();
        Path place = file.equals("model.onnx") ? model.getParent() : model;
        String relative = folder.relativize(place).toString();
        return relative.isEmpty() ? place.toAbsolutePath().getFileName().toString() : relative;
    }

    private static List<Path> dataSets(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .filter(entry -> entry.getFileName().toString().startsWith(DATA_SET))
                    .sorted(Comparator.comparingInt(NodeTest::number))
                    .toList();
        }
    }

    private static int number(Path dataSet) {
        String digits = dataSet.getFileName().toString().substring(DATA_SET.length());
        return digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : Integer.MAX_VALUE;
    }

    /** The files of one role ({@code input} or {@code output}), by number from 0 without gaps. */
    static List<Path> files(Path dataSet, String role) {
        Stream.Builder<Path> files = Stream.builder();
        for (int number = 0; ; number++) {
            Path file = dataSet.resolve(role + "_" + number + ".pb");
            if (!Files.exists(file)) {
                return files.build().toList();
            }
            files.add(file);
        }
    }
}
