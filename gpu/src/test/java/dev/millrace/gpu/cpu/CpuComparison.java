package dev.millrace.gpu.cpu;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.TestModels;
import dev.millrace.gpu.testing.TestPlans;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Times kernels beside ONNX Runtime's CPU provider on one thread, in one process, buffers to
 * buffers: prints nanoseconds per row and ratios. Best of several rounds that take turns.
 */
final class CpuComparison {
    private static final int ROUNDS = 20;
    private static final long ROUND_NANOS = 40_000_000;

    private static String only = "";
    private static int onlyRows;

    private interface Scorer {
        void score() throws OrtException;
    }

    private CpuComparison() {}

    public static void main(String[] arguments) throws OrtException {
        only = arguments.length > 0 ? arguments[0] : "";
        if (arguments.length > 1) {
            onlyRows = Integer.parseInt(arguments[1]);
        }
        Random random = new Random(1);
        for (int[] sizes :
                new int[][] {{30, 64, 32, 1}, {100, 256, 128, 64, 1}, {784, 32, 32, 10}}) {
            Plan plan = TestPlans.mlp(random, sizes);
            for (int rows : new int[] {1, 16, 64, 256, 1024, 4096}) {
                compare("mlp " + Arrays.toString(sizes), TestModels.mlp(sizes), plan, rows);
            }
        }
        for (int trees : new int[] {100, 500}) {
            for (int features : new int[] {30, 100}) {
                Plan plan = TestPlans.trees(random, features, trees, 6, 1);
                for (int rows : new int[] {1, 64, 512, 4096}) {
                    compare(
                            "trees %d x 6, %d features".formatted(trees, features),
                            TestModels.treeRegressor(features, trees, 6),
                            plan,
                            rows);
                }
            }
        }
    }

    private static void compare(String name, ModelArtifact model, Plan plan, int rows)
            throws OrtException {
        if (!name.contains(only) || (onlyRows > 0 && rows != onlyRows)) {
            return;
        }
        int features = plan.input(0).elements();
        ByteBuffer x = buffer(rows * features);
        float[] values = TestPlans.gaussian(new Random(2), rows * features, 1);
        x.asFloatBuffer().put(values);
        ByteBuffer[] inputs = {x};
        ByteBuffer[] outputs = {buffer(rows * plan.output(0).elements())};
        PlanInterpreter plain = new PlanInterpreter(plan, rows, new FastKernels(DenseLayers.PLAIN));
        PlanInterpreter best = new PlanInterpreter(plan, rows, new FastKernels(DenseLayers.best()));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        try (options;
                OrtSession session = environment.createSession(model.content(), options);
                OnnxTensor tensor =
                        OnnxTensor.createTensor(
                                environment, x.asFloatBuffer(), new long[] {rows, features})) {
            Map<String, OnnxTensor> feed =
                    Map.of(session.getInputNames().iterator().next(), tensor);
            Set<String> wanted = Set.of(floatOutput(session));
            double[] nanos = new double[3];
            Arrays.fill(nanos, Double.MAX_VALUE);
            Scorer[] scorers = {
                () -> session.run(feed, wanted).close(),
                () -> plain.run(inputs, outputs, 0, rows),
                () -> best.run(inputs, outputs, 0, rows)
            };
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < scorers.length; i++) {
                    nanos[i] = Math.min(nanos[i], nanosPerCall(scorers[i]) / rows);
                }
            }
            System.out.printf(
                    "%-28s rows %4d: onnxruntime %8.1f ns/row, plain %8.1f (x %.2f), %s %8.1f (x %.2f)%n",
                    name,
                    rows,
                    nanos[0],
                    nanos[1],
                    nanos[0] / nanos[1],
                    DenseLayers.best(),
                    nanos[2],
                    nanos[0] / nanos[2]);
        }
    }

    private static String floatOutput(OrtSession session) throws OrtException {
        for (var output : session.getOutputInfo().entrySet()) {
            if (output.getValue().getInfo() instanceof TensorInfo info
                    && info.type == OnnxJavaType.FLOAT) {
                return output.getKey();
            }
        }
        throw new IllegalStateException("The model has no float output");
    }

    private static double nanosPerCall(Scorer scorer) throws OrtException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        long now = start;
        int calls = 0;
        while (now - start < ROUND_NANOS) {
            scorer.score();
            calls++;
            now = threads.getCurrentThreadCpuTime();
        }
        return (now - start) / (double) calls;
    }

    private static ByteBuffer buffer(int floats) {
        return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder());
    }
}
