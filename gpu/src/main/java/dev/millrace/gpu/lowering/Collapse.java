package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Access;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes an iteration space small: drops extents of 1 and merges neighbouring dimensions that every
 * access walks as if they were one. The order of points stays.
 */
final class Collapse {
    private final List<Integer> extents = new ArrayList<>();

    /** For every remaining dimension the original one whose stride it has. */
    private final List<Integer> sources = new ArrayList<>();

    private final int[] renumbered;

    /**
     * @param shape the extents
     * @param accesses strides; {@code first} is where those of this shape begin
     * @param pinned dimensions that keep their identity
     */
    Collapse(int[] shape, List<View> accesses, int first, boolean[] pinned) {
        renumbered = new int[shape.length];
        for (int dimension = 0; dimension < shape.length; dimension++) {
            renumbered[dimension] = -1;
            if (shape[dimension] == 1) {
                continue;
            }
            int last = sources.size() - 1;
            boolean merges =
                    last >= 0
                            && !pinned[dimension]
                            && !pinned[sources.get(last)]
                            && walkedAsOne(accesses, first, sources.get(last), dimension, shape);
            if (merges) {
                extents.set(last, extents.get(last) * shape[dimension]);
                sources.set(last, dimension);
            } else {
                extents.add(shape[dimension]);
                sources.add(dimension);
                renumbered[dimension] = extents.size() - 1;
            }
        }
    }

    private static boolean walkedAsOne(
            List<View> accesses, int first, int outer, int inner, int[] shape) {
        for (View access : accesses) {
            long outerStride = access.strides().get(first + outer);
            long innerStride = access.strides().get(first + inner);
            if (outerStride != innerStride * shape[inner]) {
                return false;
            }
        }
        return true;
    }

    List<Integer> extents() {
        return extents;
    }

    /** The new number of a pinned dimension, -1 if it is gone. */
    int renumbered(int dimension) {
        return renumbered[dimension];
    }

    /** Strides of an access along the remaining dimensions. */
    List<Integer> strides(View access, int first) {
        List<Integer> strides = new ArrayList<>();
        for (int source : sources) {
            strides.add(access.strides().get(first + source));
        }
        return strides;
    }

    static Access access(View view, List<Integer> strides, List<Integer> more) {
        List<Integer> all = new ArrayList<>(strides);
        all.addAll(more);
        return new Access(view.value(), view.offset(), all);
    }
}
