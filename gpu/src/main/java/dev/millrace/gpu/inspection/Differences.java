package dev.millrace.gpu.inspection;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** How two sets of scores of the same records differ. */
final class Differences {
    private final ModelSignature signature;
    private final int records;
    private int differing;
    private String first = "";
    private int labels;
    private int oneSided;
    private double largestAbsolute;
    private double largestRelative;

    private Differences(ModelSignature signature, int records) {
        this.signature = signature;
        this.records = records;
    }

    static Differences between(ModelSignature signature, byte[][] expected, byte[][] actual) {
        Differences differences = new Differences(signature, expected.length);
        for (int row = 0; row < expected.length; row++) {
            if (!Arrays.equals(expected[row], actual[row])) {
                differences.add(row, expected[row], actual[row]);
            }
        }
        return differences;
    }

    private void add(int row, byte[] expected, byte[] actual) {
        differing++;
        ByteBuffer left = ByteBuffer.wrap(expected).order(ByteOrder.nativeOrder());
        ByteBuffer right = ByteBuffer.wrap(actual).order(ByteOrder.nativeOrder());
        int position = 0;
        for (TensorSpec output : signature.outputs()) {
            for (int element = 0; element < output.rowElements(); element++) {
                double a = RecordRows.number(left, position, output.type());
                double b = RecordRows.number(right, position, output.type());
                if (Double.compare(a, b) != 0) {
                    compare(row, output, element, a, b);
                }
                position += output.type().bytes();
            }
        }
        if (first.isEmpty()) {
            first = "record %d: NaN of other bits".formatted(row);
        }
    }

    private void compare(int row, TensorSpec output, int element, double a, double b) {
        if (first.isEmpty()) {
            first = "record %d, %s[%d]: %s and %s".formatted(row, output.name(), element, a, b);
        }
        if (isWhole(output.type())) {
            labels++;
        } else if (Double.isFinite(a) && Double.isFinite(b)) {
            double distance = Math.abs(a - b);
            largestAbsolute = Math.max(largestAbsolute, distance);
            double size = Math.max(Math.abs(a), Math.abs(b));
            largestRelative = Math.max(largestRelative, size == 0 ? 0 : distance / size);
        } else {
            oneSided++;
        }
    }

    private static boolean isWhole(ElementType type) {
        return switch (type) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> false;
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL, CATEGORY -> true;
        };
    }

    /** Where the first difference is; empty if all bits are equal. */
    Optional<String> text() {
        return differing == 0
                ? Optional.empty()
                : Optional.of("%d of %d records differ; %s".formatted(differing, records, first));
    }

    /** All of it in one line. */
    String summary() {
        if (differing == 0) {
            return "bits equal";
        }
        return "bits of %d of %d records differ; largest difference %.3g, relative %.3g; %d whole numbers differ; %d NaN or infinite on one side"
                .formatted(differing, records, largestAbsolute, largestRelative, labels, oneSided);
    }
}
