package dev.millrace.gpu.cuda.kernel;

/** Where a value lies while a kernel runs, as C++ text. */
sealed interface Location {
    /**
     * The base address: {@code const void*} for an element type's get, {@code void*} for its put.
     */
    String base();

    /**
     * The position, in elements from {@link #base()}, of one element of the row at hand.
     *
     * @param element text of the element's number within the row
     */
    String position(String element);

    /** How far two neighbouring elements of a row lie apart, in elements. */
    default int elementStride() {
        return 1;
    }

    /**
     * A slot's input or output in device memory, row after row. The code calls the row {@code row}.
     */
    record Global(int buffer, int elements) implements Location {
        @Override
        public String base() {
            return "a.buffers[" + buffer + "]";
        }

        @Override
        public String position(String element) {
            return elements == 1
                    ? "(mr_i64)row"
                    : "(mr_i64)row * " + elements + " + (" + element + ")";
        }
    }

    /**
     * An intermediate in device memory, row after row. Its place grows with the rows that the
     * memory is for.
     *
     * @param offset in bytes of one row's intermediates
     */
    record Scratch(int offset, int elements) implements Location {
        @Override
        public String base() {
            return "(a.scratch + " + offset + " * a.limit)";
        }

        @Override
        public String position(String element) {
            return new Global(0, elements).position(element);
        }
    }

    /**
     * In shared memory, element after element, the tile's rows side by side. The kernel's code
     * calls the row's place in the tile {@code lane_row}.
     */
    record Shared(int offset, int rowStride) implements Location {
        @Override
        public String base() {
            return "(shared + " + offset + ")";
        }

        @Override
        public String position(String element) {
            return "(" + element + ") * " + rowStride + " + lane_row";
        }

        @Override
        public int elementStride() {
            return rowStride;
        }
    }

    /** A constant in device memory. */
    record Constant(long offset) implements Location {
        @Override
        public String base() {
            return "(a.constants + " + offset + ")";
        }

        @Override
        public String position(String element) {
            return element;
        }
    }

    /** A constant that the block copied to shared memory. */
    record SharedConstant(int offset) implements Location {
        @Override
        public String base() {
            return "(shared + " + offset + ")";
        }

        @Override
        public String position(String element) {
            return element;
        }
    }
}
