package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Tensor;
import java.util.List;
import java.util.Optional;

/** Puts tables to look things up in together. */
final class Tables {
    private Tables() {}

    /**
     * Some elements of a vector, in a new order.
     *
     * @param first goes before all others, if given
     */
    static Tensor chosen(Tensor from, List<Integer> order, Optional<Tensor> first) {
        int shift = first.isPresent() ? 1 : 0;
        int count = order.size() + shift;
        switch (from.kind()) {
            case F32 -> {
                float[] floats = new float[count];
                first.ifPresent(tensor -> floats[0] = tensor.floatAt(0));
                for (int i = shift; i < count; i++) {
                    floats[i] = from.floatAt(order.get(i - shift));
                }
                return Tensor.of(from.type(), List.of(count), floats);
            }
            case F64 -> {
                double[] doubles = new double[count];
                first.ifPresent(tensor -> doubles[0] = tensor.doubleAt(0));
                for (int i = shift; i < count; i++) {
                    doubles[i] = from.doubleAt(order.get(i - shift));
                }
                return Tensor.of(from.type(), List.of(count), doubles);
            }
            case I64 -> {
                long[] longs = new long[count];
                first.ifPresent(tensor -> longs[0] = tensor.longAt(0));
                for (int i = shift; i < count; i++) {
                    longs[i] = from.longAt(order.get(i - shift));
                }
                return Tensor.of(from.type(), List.of(count), longs);
            }
        }
        throw new IllegalStateException("Unknown kind of " + from);
    }
}
