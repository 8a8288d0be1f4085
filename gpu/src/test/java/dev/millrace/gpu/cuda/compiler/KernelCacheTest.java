package dev.millrace.gpu.cuda.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.cuda.compiler.KernelCompiler.Compiled;
import dev.millrace.gpu.cuda.compiler.KernelCompiler.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCacheTest {
    private static final Target SM_80 = new Target(80, true);
    private static final KernelSource SOURCE =
            new KernelSource("kernel", Map.of("h.cuh", "header"));

    @TempDir private Path folder;
    private final TestingCompiler compiler = new TestingCompiler();

    @Test
    void compilesOnceAndThenReads() {
        byte[] first = new KernelCache(folder, compiler).imageFor(SOURCE, SM_80);
        byte[] second = new KernelCache(folder, compiler).imageFor(SOURCE, SM_80);
        assertThat(second).isEqualTo(first);
        assertThat(compiler.compilations).isEqualTo(1);
    }

    @Test
    void compilesAgainWhenAnythingThatDecidesTheCodeChanges() {
        KernelCache cache = new KernelCache(folder, compiler);
        cache.imageFor(SOURCE, SM_80);
        cache.imageFor(new KernelSource("other", Map.of("h.cuh", "header")), SM_80);
        cache.imageFor(new KernelSource("kernel", Map.of("h.cuh", "changed")), SM_80);
        cache.imageFor(SOURCE, new Target(90, true));
        compiler.version = "12.5";
        cache.imageFor(SOURCE, SM_80);
        assertThat(compiler.compilations).isEqualTo(5);
    }

    @Test
    void replacesADamagedEntry() throws IOException {
        KernelCache cache = new KernelCache(folder, compiler);
        byte[] intact = cache.imageFor(SOURCE, SM_80);
        try (var entries = Files.list(folder)) {
            Path entry = entries.findFirst().orElseThrow();
            byte[] content = Files.readAllBytes(entry);
            content[content.length - 1] ^= 1;
            Files.write(entry, content);
        }
        assertThat(cache.imageFor(SOURCE, SM_80)).isEqualTo(intact);
        assertThat(cache.imageFor(SOURCE, SM_80)).isEqualTo(intact);
        assertThat(compiler.compilations).isEqualTo(2);
    }

    @Test
    void worksWithoutAFolderItCanWrite() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "not a folder");
        KernelCache cache = new KernelCache(file.resolve("cache"), compiler);
        assertThat(cache.imageFor(SOURCE, SM_80)).isNotEmpty();
    }

    /** "Compiles" to a text that names what it was given. */
    private static final class TestingCompiler implements KernelCompiler {
        private String version = "12.4";
        private int compilations;

        @Override
        public String version() {
            return version;
        }

        @Override
        public Target targetFor(int capability) {
            return new Target(capability, true);
        }

        @Override
        public Compiled compile(KernelSource source, Target target, boolean verbose) {
            compilations++;
            String image = version + target + source.fingerprintText();
            return new Compiled(image.getBytes(StandardCharsets.UTF_8), "");
        }
    }
}
