package dev.millrace.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gpu.conformance.NodePlans;
import dev.millrace.gpu.cuda.compiler.KernelCompiler;
import dev.millrace.gpu.cuda.compiler.KernelCompiler.Compiled;
import dev.millrace.gpu.cuda.compiler.KernelCompiler.Target;
import dev.millrace.gpu.cuda.compiler.Nvrtc;
import dev.millrace.gpu.cuda.driver.NativeLibraries;
import dev.millrace.gpu.cuda.kernel.DeviceShape;
import dev.millrace.gpu.cuda.kernel.KernelProgram;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.lowering.PlanImporter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.ExportedModels;
import dev.millrace.gpu.testing.RandomPlans;
import dev.millrace.gpu.testing.TestModels;
import dev.millrace.gpu.testing.TestPlans;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * NVIDIA's own compiler takes every kernel for every architecture, without spilling registers. Runs
 * where {@code MILLRACE_NVRTC_DIR} names a folder with NVRTC ({@code scripts/fetch-nvrtc} fetches
 * it); needs no GPU.
 */
@Tag("nvrtc")
@Timeout(600)
class RealCompilerTest {
    /** Most shared memory of one block, by architecture: CUDA's table of compute capabilities. */
    private static final Map<Integer, Integer> SHARED_BYTES =
            Map.of(75, 64 << 10, 80, 163 << 10, 86, 99 << 10, 89, 99 << 10, 90, 227 << 10);

    /** With so many a multiprocessor still runs 512 threads of a kernel at once. */
    private static final int MOST_REGISTERS = 128;

    private static final Pattern SPILL =
            Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");

    private KernelCompiler compiler;

    @BeforeEach
    void load() throws Exception {
        String folder = System.getenv("MILLRACE_NVRTC_DIR");
        assumeTrue(
                folder != null && !folder.isBlank(),
                "SKIPPED: set MILLRACE_NVRTC_DIR to a folder with libnvrtc.so.12, see scripts/fetch-nvrtc");
        System.setProperty(NativeLibraries.LIBRARY_PATH_PROPERTY, folder);
        compiler = new Nvrtc();
    }

    private static DeviceShape shape(int architecture) {
        return new DeviceShape(40, SHARED_BYTES.get(architecture));
    }

    private Compiled compile(Plan plan, int architecture) throws Exception {
        KernelProgram program = KernelProgram.of(plan, shape(architecture));
        return compiler.compile(program.source(), new Target(architecture, true), true);
    }

    @Test
    void takesModelsWithoutSpillsForEveryArchitecture() throws Exception {
        Random random = new Random(5);
        Map<String, Plan> plans = new LinkedHashMap<>();
        plans.put("MLP 30-64-32-1", TestPlans.mlp(random, 30, 64, 32, 1));
        plans.put("MLP 100-256-128-64-1", TestPlans.mlp(random, 100, 256, 128, 64, 1));
        plans.put("MLP 784-32-32-10", TestPlans.mlp(random, 784, 32, 32, 10));
        plans.put("100 trees of depth 6", TestPlans.trees(random, 30, 100, 6, 1));
        plans.put("1000 trees of depth 8", TestPlans.trees(random, 100, 1000, 8, 1));
        plans.put("trees with a classifier", imported(TestModels.treeClassifier(30, 20, 5)));
        plans.put("embedding", imported(TestModels.embedding(50, 4, 3)));
        plans.put("softmax", imported(TestModels.mlp(12, 24, 5)));
        plans.put("strings", imported(TestModels.stringEncoder()));
        for (Map.Entry<String, Plan> plan : plans.entrySet()) {
            for (int architecture : architectures()) {
                gate(plan.getKey(), plan.getValue(), architecture);
            }
        }
    }

    @Test
    void takesExportedNetworksWithoutSpillsForEveryArchitecture() throws Exception {
        for (ModelArtifact model : ExportedModels.all()) {
            Plan plan = imported(model);
            for (int architecture : architectures()) {
                gate(model.version().name(), plan, architecture);
            }
        }
    }

    /** Every node test's kernels, each for the next architecture; see PortableConformanceTest. */
    @Test
    void takesNodeTestsWithoutSpills() throws Exception {
        Map<String, Plan> plans = NodePlans.ofNamedFolder();
        assumeTrue(!plans.isEmpty(), "SKIPPED: MILLRACE_CONFORMANCE names no folder of node tests");
        int number = 0;
        for (Map.Entry<String, Plan> plan : plans.entrySet()) {
            int architecture = architectures().get(number++ % architectures().size());
            gate(plan.getKey(), plan.getValue(), architecture);
        }
        System.out.printf("%d node tests%n", plans.size());
    }

    private static List<Integer> architectures() {
        return SHARED_BYTES.keySet().stream().sorted().toList();
    }

    private void gate(String model, Plan plan, int architecture) throws Exception {
        if (KernelProgram.of(plan, shape(architecture)).launches().isEmpty()) {
            return;
        }
        Compiled compiled = compile(plan, architecture);
        String name = model + " for sm_" + architecture;
        assertThat(compiled.image()).as(name).startsWith(0x7f, 'E', 'L', 'F');
        int registers = most(REGISTERS, compiled.log());
        int spills = most(SPILL, compiled.log());
        System.out.printf("%s: %d registers, %d bytes spilled%n", name, registers, spills);
        assertThat(registers).as(name + "\n" + compiled.log()).isBetween(1, MOST_REGISTERS);
        assertThat(spills).as(name + "\n" + compiled.log()).isZero();
    }

    private static Plan imported(ModelArtifact model) throws Exception {
        return PlanImporter.importModel(model, EngineOptions.of("cuda", 1, 2));
    }

    /** The largest number that a pattern finds. */
    private static int most(Pattern pattern, String log) {
        int most = -1;
        Matcher matcher = pattern.matcher(log);
        while (matcher.find()) {
            for (int group = 1; group <= matcher.groupCount(); group++) {
                most = Math.max(most, Integer.parseInt(matcher.group(group)));
            }
        }
        return most;
    }

    @Test
    void takesEveryKindOfStepAndOperation() throws Exception {
        long seed = System.nanoTime();
        System.out.println("RealCompilerTest seed " + seed);
        Random random = new Random(seed);
        for (int number = 0; number < 20; number++) {
            int architecture = architectures().get(number % architectures().size());
            assertThat(compile(RandomPlans.next(random, 8), architecture).image()).isNotEmpty();
        }
    }

    @Test
    void makesPtxForDevicesYetToCome() throws Exception {
        Plan plan = TestPlans.mlp(new Random(5), 30, 64, 32, 1);
        Target later = compiler.targetFor(200);
        assertThat(later.binary()).isFalse();
        KernelProgram program = KernelProgram.of(plan, shape(90));
        byte[] ptx = compiler.compile(program.source(), later, false).image();
        assertThat(new String(ptx, java.nio.charset.StandardCharsets.US_ASCII))
                .contains(".visible .entry k0");
    }
}
