package dev.millrace.gpu.lowering;

/** The element positions that a view visits, in row-major order of its shape. */
final class Positions {
    private Positions() {}

    static int[] of(int[] shape, View view) {
        int[] positions = new int[Shapes.constantElements(shape)];
        int[] coordinates = new int[shape.length];
        for (int i = 0; i < positions.length; i++) {
            int position = view.offset();
            for (int dimension = 0; dimension < shape.length; dimension++) {
                position += coordinates[dimension] * view.strides().get(dimension);
            }
            positions[i] = position;
            advance(coordinates, shape);
        }
        return positions;
    }

    static void advance(int[] coordinates, int[] shape) {
        for (int dimension = shape.length - 1; dimension >= 0; dimension--) {
            coordinates[dimension]++;
            if (coordinates[dimension] < shape[dimension]) {
                return;
            }
            coordinates[dimension] = 0;
        }
    }
}
