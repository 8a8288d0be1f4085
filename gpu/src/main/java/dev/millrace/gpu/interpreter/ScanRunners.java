package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Step;
import java.util.List;

/** Runs the steps that walk along one dimension: {@link Step.RunningSum} and {@link Step.TopK}. */
final class ScanRunners {
    private ScanRunners() {}

    /** The part of an access over the space alone. */
    private static Access outer(List<Integer> space, Access access) {
        return new Access(
                access.value(), access.offset(), access.strides().subList(0, space.size()));
    }

    private static int along(List<Integer> space, Access access) {
        return access.strides().get(space.size());
    }

    private static int points(List<Integer> space) {
        return space.stream().reduce(1, Math::multiplyExact);
    }

    static StepRunner runningSum(Step.RunningSum step, Memory input, Memory output) {
        Walk inWalk = new Walk(step.space(), outer(step.space(), step.input()), input.rowStride);
        Walk outWalk = new Walk(step.space(), outer(step.space(), step.output()), output.rowStride);
        int inStride = along(step.space(), step.input());
        int outStride = along(step.space(), step.output());
        int points = points(step.space());
        int[] in = new int[1];
        int[] out = new int[1];
        return rows -> {
            for (long point = 0; point < (long) rows * points; point++) {
                inWalk.fill(point, 1, in);
                outWalk.fill(point, 1, out);
                sum(step, input, output, in[0], inStride, out[0], outStride);
            }
            return Integer.MAX_VALUE;
        };
    }

    private static void sum(
            Step.RunningSum step,
            Memory input,
            Memory output,
            int in,
            int inStride,
            int out,
            int outStride) {
        float floatSum = 0;
        double doubleSum = 0;
        long longSum = 0;
        for (int n = 0; n < step.length(); n++) {
            int j = step.reverse() ? step.length() - 1 - n : n;
            int from = in + j * inStride;
            int to = out + j * outStride;
            switch (step.kind()) {
                case F32 -> {
                    float next = floatSum + input.floats[from];
                    output.store(to, step.exclusive() ? floatSum : next);
                    floatSum = next;
                }
                case F64 -> {
                    double next = doubleSum + input.doubles[from];
                    output.doubles[to] = step.exclusive() ? doubleSum : next;
                    doubleSum = next;
                }
                case I64 -> {
                    long next = longSum + input.longs[from];
                    output.store(to, step.exclusive() ? longSum : next);
                    longSum = next;
                }
            }
        }
    }

    static StepRunner topK(Step.TopK step, Memory input, Memory output, Memory positions) {
        Walk inWalk = new Walk(step.space(), outer(step.space(), step.input()), input.rowStride);
        Walk outWalk = new Walk(step.space(), outer(step.space(), step.output()), output.rowStride);
        Walk positionWalk =
                step.positions()
                        .map(
                                access ->
                                        new Walk(
                                                step.space(),
                                                outer(step.space(), access),
                                                positions.rowStride))
                        .orElse(null);
        int points = points(step.space());
        int[] at = new int[1];
        boolean[] taken = new boolean[step.length()];
        return rows -> {
            for (long point = 0; point < (long) rows * points; point++) {
                inWalk.fill(point, 1, at);
                int in = at[0];
                outWalk.fill(point, 1, at);
                int out = at[0];
                int position = 0;
                if (positionWalk != null) {
                    positionWalk.fill(point, 1, at);
                    position = at[0];
                }
                java.util.Arrays.fill(taken, false);
                for (int n = 0; n < step.count(); n++) {
                    int best = best(step, input, in, taken);
                    taken[best] = true;
                    copy(
                            input,
                            in + best * along(step.space(), step.input()),
                            output,
                            out + n * along(step.space(), step.output()));
                    if (positionWalk != null) {
                        int stride = along(step.space(), step.positions().orElseThrow());
                        positions.store(position + n * stride, (long) best);
                    }
                }
            }
            return Integer.MAX_VALUE;
        };
    }

    private static int best(Step.TopK step, Memory input, int in, boolean[] taken) {
        int stride = along(step.space(), step.input());
        int best = -1;
        for (int j = 0; j < taken.length; j++) {
            if (taken[j]) {
                continue;
            }
            if (best < 0 || before(step, input, in + j * stride, in + best * stride)) {
                best = j;
            }
        }
        return best;
    }

    private static boolean before(Step.TopK step, Memory input, int candidate, int champion) {
        int order =
                switch (step.kind()) {
                    case F32 -> compare(input.floats[candidate], input.floats[champion]);
                    case F64 -> compare(input.doubles[candidate], input.doubles[champion]);
                    case I64 -> Long.compare(input.longs[candidate], input.longs[champion]);
                };
        return step.largest() ? order > 0 : order < 0;
    }

    private static int compare(double a, double b) {
        if (a > b) {
            return 1;
        }
        if (a < b) {
            return -1;
        }
        return Boolean.compare(Double.isNaN(a), Double.isNaN(b));
    }

    private static void copy(Memory input, int from, Memory output, int to) {
        switch (output.kind) {
            case F32 -> output.store(to, input.floats[from]);
            case F64 -> output.doubles[to] = input.doubles[from];
            case I64 -> output.store(to, input.longs[from]);
        }
    }
}
