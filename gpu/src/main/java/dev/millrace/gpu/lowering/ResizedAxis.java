package dev.millrace.gpu.lowering;

/**
 * One resized dimension: which elements of the input each element of the result is made of, and
 * their weights. Coordinates are computed in double.
 */
final class ResizedAxis {
    /** Where an element of the result lies between the elements of the input. */
    enum Coordinates {
        HALF_PIXEL,
        HALF_PIXEL_SYMMETRIC,
        PYTORCH_HALF_PIXEL,
        ALIGN_CORNERS,
        ASYMMETRIC,
        TF_CROP_AND_RESIZE,
        TF_HALF_PIXEL_FOR_NN
    }

    /** Which element stands for a place between two. */
    enum Nearest {
        ROUND_PREFER_FLOOR,
        ROUND_PREFER_CEIL,
        FLOOR,
        CEIL,
        /** Down when growing, up when shrinking: before opset 11. */
        SIMPLE
    }

    /**
     * How elements are weighed.
     *
     * @param cubic whether four elements count, else two
     * @param a the cubic's parameter
     * @param antialias whether more elements count when shrinking
     * @param excludeOutside whether elements beyond the border count nothing, else the border's
     *     element stands for them
     */
    record Weighing(boolean cubic, double a, boolean antialias, boolean excludeOutside) {}

    final int input;
    final int output;
    private final double scale;
    private final Coordinates coordinates;
    private final double regionStart;
    private final double regionEnd;

    /** Elements of the input per element of the result. */
    int taps;

    /** Of element o the k-th at {@code o * taps + k}. */
    long[] positions;

    float[] weights;

    /**
     * @param scale result over input; the result may have been rounded
     * @param regionStart of the part that is cropped, in 0..1
     */
    ResizedAxis(
            int input,
            int output,
            double scale,
            Coordinates coordinates,
            double regionStart,
            double regionEnd) {
        this.input = input;
        this.output = output;
        this.scale = scale;
        this.coordinates = coordinates;
        this.regionStart = regionStart;
        this.regionEnd = regionEnd;
        Refusal.unless(
                input > 0 && scale > 0 && Double.isFinite(scale),
                "%d elements cannot be resized by %s",
                input,
                scale);
    }

    /** Whether every element stays where it is. */
    boolean isIdentity() {
        boolean whole =
                coordinates != Coordinates.TF_CROP_AND_RESIZE
                        || (regionStart == 0 && regionEnd == 1);
        return input == output && Math.abs(scale - 1) < 1e-9 && whole;
    }

    /** Whether the result was asked for by its size, or might have been. */
    private boolean isWhole() {
        return scale == (double) output / input;
    }

    /**
     * Where a place of the result is in the input. Of whole sizes rounded once, so that what falls
     * on an element, or halfway between two, does so exactly.
     */
    private double unscaled(double place) {
        return isWhole() ? place * input / output : place / scale;
    }

    private double coordinate(int place) {
        double length = isWhole() ? output : scale * input;
        return switch (coordinates) {
            case HALF_PIXEL -> unscaled(place + 0.5) - 0.5;
            case HALF_PIXEL_SYMMETRIC -> {
                double offset = input / 2.0 * (1 - output / length);
                yield offset + unscaled(place + 0.5) - 0.5;
            }
            case PYTORCH_HALF_PIXEL -> length == 1 ? 0 : unscaled(place + 0.5) - 0.5;
            case ALIGN_CORNERS -> length == 1 ? 0 : place * (input - 1) / (length - 1);
            case ASYMMETRIC -> unscaled(place);
            case TF_HALF_PIXEL_FOR_NN -> unscaled(place + 0.5);
            case TF_CROP_AND_RESIZE -> {
                double extent = (regionEnd - regionStart) * (input - 1);
                double within = length == 1 ? extent / 2 : place * extent / (length - 1);
                yield regionStart * (input - 1) + within;
            }
        };
    }

    /** For each element of the result 1 if it lies beyond the input, where that matters. */
    long[] beyond() {
        long[] beyond = new long[output];
        for (int place = 0; place < output; place++) {
            double x = coordinate(place);
            beyond[place] = x < 0 || x > input - 1 ? 1 : 0;
        }
        return beyond;
    }

    boolean mayLieBeyond() {
        return coordinates == Coordinates.TF_CROP_AND_RESIZE;
    }

    void takeNearest(Nearest nearest) {
        taps = 1;
        positions = new long[output];
        for (int place = 0; place < output; place++) {
            double x = coordinate(place);
            double chosen =
                    switch (nearest) {
                        case ROUND_PREFER_FLOOR -> Math.ceil(x - 0.5);
                        case ROUND_PREFER_CEIL -> Math.floor(x + 0.5);
                        case FLOOR -> Math.floor(x);
                        case CEIL -> Math.ceil(x);
                        case SIMPLE -> scale < 1 ? Math.ceil(x) : Math.floor(x);
                    };
            positions[place] = within((long) chosen);
        }
    }

    void weigh(Weighing weighing) {
        double shrink = weighing.antialias() ? Math.min(scale, 1) : 1;
        int reach = weighing.cubic() ? 2 : 1;
        int first = (int) Math.floor(-reach / shrink) + 1;
        taps = 2 - 2 * first;
        positions = new long[output * taps];
        weights = new float[output * taps];
        double[] line = new double[taps];
        for (int place = 0; place < output; place++) {
            double x = coordinate(place);
            long base = (long) Math.floor(x);
            double sum = 0;
            for (int k = 0; k < taps; k++) {
                long position = base + first + k;
                double weight = weight(weighing, shrink * (position - x));
                boolean outside = position < 0 || position >= input;
                line[k] = outside && weighing.excludeOutside() ? 0 : weight;
                sum += line[k];
                positions[place * taps + k] = within(position);
            }
            boolean normalises = weighing.antialias() || weighing.excludeOutside();
            for (int k = 0; k < taps; k++) {
                weights[place * taps + k] = (float) (normalises ? line[k] / sum : line[k]);
            }
        }
    }

    private static double weight(Weighing weighing, double distance) {
        double x = Math.abs(distance);
        if (!weighing.cubic()) {
            return Math.max(0, 1 - x);
        }
        double a = weighing.a();
        if (x <= 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    }

    private long within(long position) {
        return Math.max(0, Math.min(input - 1, position));
    }
}
