package dev.millrace.gpu.math;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The C++ compiler of this machine, used as the CUDA sources demand: nothing contracted. */
final class Gxx {
    private Gxx() {}

    static boolean isPresent() {
        try {
            return new ProcessBuilder("g++", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    static void compile(Path source, Path program) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                "g++",
                                "-std=c++17",
                                "-O2",
                                "-ffp-contract=off",
                                "-Wall",
                                "-Werror",
                                "-Wno-unused-function",
                                "-Isrc/main/cuda",
                                "-o",
                                program.toString(),
                                source.toString())
                        .inheritIO()
                        .start();
        if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IllegalStateException("g++ could not compile " + source);
        }
    }
}
