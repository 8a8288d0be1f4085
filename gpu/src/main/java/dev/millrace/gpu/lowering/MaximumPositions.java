package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Where in the whole tensor the maximum of each window is. */
final class MaximumPositions {
    private MaximumPositions() {}

    /**
     * The position of the first maximum of each window, counted over all of {@code x}.
     *
     * @param byColumns count the first spatial dimension fastest
     */
    static Val of(Builder builder, Val x, Val padded, Window window, boolean byColumns) {
        Refusal.unless(
                !x.hasRows(),
                "positions of maxima are counted over all records, which no record may depend on");
        int[] distances = distances(window.input, byColumns);
        int[] shape = Shapes.concat(new int[] {x.shape[0], x.shape[1]}, window.output);
        View starts = builder.view(starts(builder, window, distances, shape));
        List<Integer> strides = new ArrayList<>(starts.strides());
        strides.addAll(Collections.nCopies(window.rank(), 0));
        View windows = PoolingOps.windows(builder.view(padded), window);
        Deferred.Root root =
                new Deferred.Arg(
                        true, false, Shapes.boxed(window.kernel), new Expr.Load(0, padded.kind()));
        Expr position = add(new Expr.Load(1, ScalarKind.I64), within(window, distances));
        return builder.defer(
                ElementType.INT64,
                shape,
                x.rowAxis,
                new Deferred(
                        builder.origin(),
                        root,
                        List.of(windows, new View(starts.value(), starts.offset(), strides)),
                        position));
    }

    /** Distance in the counting between neighbours along each dimension. */
    private static int[] distances(int[] image, boolean byColumns) {
        if (!byColumns) {
            return Shapes.strides(image);
        }
        int[] distances = new int[image.length];
        int distance = 1;
        for (int i = 0; i < image.length; i++) {
            distances[i] = distance;
            distance *= image[i];
        }
        return distances;
    }

    /** The position of each window's first element, were there no padding to skip. */
    private static Val starts(Builder builder, Window window, int[] distances, int[] shape) {
        long image = Shapes.elements(window.input);
        long[] starts = new long[Shapes.elements(shape)];
        int[] at = new int[shape.length];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = ((long) at[0] * shape[1] + at[1]) * image;
            for (int d = 0; d < window.rank(); d++) {
                long position = (long) at[2 + d] * window.strides[d] - window.before[d];
                starts[i] += position * distances[d];
            }
            Positions.advance(at, shape);
        }
        return builder.constant(Tensor.of(ElementType.INT64, Shapes.boxed(shape), starts));
    }

    /** How far the found kernel position is from the first one. */
    private static Expr within(Window window, int[] distances) {
        Expr found = new Expr.Accumulated(ScalarKind.I64);
        Expr sum = Exprs.i64(0);
        int[] inner = Shapes.strides(window.kernel);
        for (int d = 0; d < window.rank(); d++) {
            Expr slice = new Expr.Binary(BinaryOp.DIV, found, Exprs.i64(inner[d]));
            Expr coordinate =
                    new Expr.Binary(BinaryOp.REMAINDER, slice, Exprs.i64(window.kernel[d]));
            long distance = (long) window.dilations[d] * distances[d];
            sum = add(sum, new Expr.Binary(BinaryOp.MUL, coordinate, Exprs.i64(distance)));
        }
        return sum;
    }

    private static Expr add(Expr a, Expr b) {
        return new Expr.Binary(BinaryOp.ADD, a, b);
    }
}
