package dev.millrace.schema.feature;

import java.util.List;
import org.apache.avro.Schema;

/**
 * How arrays of arrays lie in a tensor: a field nested {@code n} arrays deep fills the whole row,
 * and its inner arrays are the row's last {@code n - 1} dimensions.
 */
final class ArrayShape {
    private ArrayShape() {}

    /** The part of a target that one item of a flat array fills. */
    static FeatureTarget item(FeatureTarget target) {
        return part(target, 1);
    }

    /** The part of a target that one item fills, which is itself an array. */
    static FeatureTarget inner(FeatureTarget target, Schema item) {
        return part(target, innerLength(target, item));
    }

    /** How many elements an inner array has; 0 where the tensor's shape does not say. */
    static int innerLength(FeatureTarget target, Schema item) {
        int inner = depth(item);
        List<Integer> shape = target.layout().rowShape();
        if (shape.size() <= inner) {
            return 0;
        }
        int elements = 1;
        for (int i = shape.size() - inner; i < shape.size(); i++) {
            elements *= shape.get(i);
        }
        return elements > 0 && target.elements() % elements == 0 ? elements : 0;
    }

    private static int depth(Schema schema) {
        for (Schema branch : Branches.of(schema)) {
            if (branch.getType() == Schema.Type.ARRAY) {
                return 1 + depth(branch.getElementType());
            }
        }
        return 0;
    }

    private static FeatureTarget part(FeatureTarget target, int elements) {
        return new FeatureTarget(
                target.feature(), target.layout(), target.tensor(), target.offset(), elements);
    }
}
