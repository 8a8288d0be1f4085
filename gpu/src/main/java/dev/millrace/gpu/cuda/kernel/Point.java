package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.model.Access;
import java.util.ArrayList;
import java.util.List;

/**
 * A point of an iteration space in generated code.
 *
 * @param space the extents
 * @param coordinates text of the coordinate in each dimension
 * @param flat text of the point's row-major number, or null where the code has none
 */
record Point(List<Integer> space, List<String> coordinates, String flat) {
    static int size(List<Integer> space) {
        int points = 1;
        for (int extent : space) {
            points = Math.multiplyExact(points, extent);
        }
        return points;
    }

    /** Takes a row-major number apart. */
    static Point of(List<Integer> space, String flat) {
        List<String> coordinates = new ArrayList<>();
        int below = size(space);
        for (int dimension = 0; dimension < space.size(); dimension++) {
            int extent = space.get(dimension);
            below /= Math.max(1, extent);
            String part = below == 1 ? flat : "(" + flat + " / " + below + ")";
            coordinates.add(dimension == 0 ? part : "(" + part + " % " + extent + ")");
        }
        return new Point(space, coordinates, flat);
    }

    /** This point followed by the point of a further space. */
    Point then(Point inner) {
        List<Integer> extents = new ArrayList<>(space);
        extents.addAll(inner.space);
        List<String> all = new ArrayList<>(coordinates);
        all.addAll(inner.coordinates);
        return new Point(extents, all, null);
    }

    /** Text of the element number that an access reaches here. It may have fewer strides. */
    String element(Access access) {
        if (flat != null && access.strides().size() == space.size() && access.isContiguous(space)) {
            return flat;
        }
        StringBuilder text = new StringBuilder(Integer.toString(access.offset()));
        for (int dimension = 0; dimension < access.strides().size(); dimension++) {
            int stride = access.strides().get(dimension);
            if (stride != 0) {
                text.append(" + ").append(coordinates.get(dimension));
                if (stride != 1) {
                    text.append(" * ").append(stride < 0 ? "(" + stride + ")" : stride);
                }
            }
        }
        return text.toString();
    }
}
