package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Trees of random shape, with every mode, as {@code TreeEnsemble} has them. */
final class LinkedForest {
    private static final int MEMBER = 6;

    private final Random random;
    private final int features;
    private final int targets;
    private final TensorProto.DataType type;
    private final List<Long> roots = new ArrayList<>();
    private final List<Long> featureIds = new ArrayList<>();
    private final List<Integer> modes = new ArrayList<>();
    private final List<Double> splits = new ArrayList<>();
    private final List<List<Double>> members = new ArrayList<>();
    private final List<Long> missing = new ArrayList<>();
    private final List<long[]> children = new ArrayList<>();
    private final List<Long> leafTargets = new ArrayList<>();
    private final List<Double> leafWeights = new ArrayList<>();

    LinkedForest(
            Random random,
            int features,
            int trees,
            int depth,
            int targets,
            TensorProto.DataType type) {
        this.random = random;
        this.features = features;
        this.targets = targets;
        this.type = type;
        for (int tree = 0; tree < trees; tree++) {
            roots.add((long) featureIds.size());
            branch(depth);
        }
    }

    /** A branch with what is below it; returns its number. */
    private long branch(int depth) {
        int at = featureIds.size();
        int mode = random.nextInt(MEMBER + 1);
        featureIds.add((long) random.nextInt(features));
        modes.add(mode);
        splits.add(random.nextInt(-4, 5) / 2.0);
        missing.add((long) random.nextInt(2));
        // ONNX Runtime knows sets of small whole numbers alone.
        members.add(mode == MEMBER ? List.of(0.0, 1.0 + random.nextInt(9)) : List.of());
        children.add(new long[4]);
        for (int side = 0; side < 2; side++) {
            boolean leaf = depth == 1 || random.nextInt(5) == 0;
            children.get(at)[2 * side] = leaf ? leaf() : branch(depth - 1);
            children.get(at)[2 * side + 1] = leaf ? 1 : 0;
        }
        return at;
    }

    private long leaf() {
        leafTargets.add((long) random.nextInt(targets));
        leafWeights.add((double) (float) random.nextGaussian());
        return leafTargets.size() - 1L;
    }

    AttributeProto[] attributes(AttributeProto... more) {
        List<AttributeProto> attributes = new ArrayList<>(List.of(more));
        byte[] modeBytes = new byte[modes.size()];
        List<Double> membership = new ArrayList<>();
        for (int i = 0; i < modeBytes.length; i++) {
            modeBytes[i] = modes.get(i).byteValue();
            if (modes.get(i) == MEMBER) {
                membership.addAll(members.get(i));
                membership.add(Double.NaN);
            }
        }
        attributes.add(attribute("tree_roots", longs(roots)));
        attributes.add(attribute("nodes_featureids", longs(featureIds)));
        attributes.add(attribute("nodes_missing_value_tracks_true", longs(missing)));
        attributes.add(attribute("nodes_truenodeids", column(0)));
        attributes.add(attribute("nodes_trueleafs", column(1)));
        attributes.add(attribute("nodes_falsenodeids", column(2)));
        attributes.add(attribute("nodes_falseleafs", column(3)));
        attributes.add(attribute("leaf_targetids", longs(leafTargets)));
        attributes.add(
                tensor(
                        "nodes_modes",
                        TensorProto.newBuilder()
                                .setDataType(TensorProto.DataType.UINT8_VALUE)
                                .addDims(modeBytes.length)
                                .setRawData(ByteString.copyFrom(modeBytes))));
        attributes.add(numbers("nodes_splits", splits));
        attributes.add(numbers("leaf_weights", leafWeights));
        if (!membership.isEmpty()) {
            attributes.add(numbers("membership_values", membership));
        }
        return attributes.toArray(new AttributeProto[0]);
    }

    private long[] column(int column) {
        return children.stream().mapToLong(each -> each[column]).toArray();
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private AttributeProto numbers(String name, List<Double> numbers) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setDataType(type.getNumber()).addDims(numbers.size());
        for (double number : numbers) {
            if (type == TensorProto.DataType.DOUBLE) {
                tensor.addDoubleData(number);
            } else {
                tensor.addFloatData((float) number);
            }
        }
        return tensor(name, tensor);
    }

    private static AttributeProto tensor(String name, TensorProto.Builder tensor) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.TENSOR)
                .setT(tensor)
                .build();
    }
}
