package dev.millrace.gpu.cuda.kernel;

/**
 * How the points of a step, for all rows a kernel has, are spread over threads. Inside a loop the
 * code has {@code row} (the row's number), in a tile also {@code lane_row} (its place in the tile),
 * and a name for the point.
 */
sealed interface WorkLoop {
    /** Opens the loop for one thread per row and point; returns the point's name. */
    String open(CodeText code, int points, boolean pointsFastest);

    /**
     * Opens the loop for one warp per row and point; returns the point's name. All lanes of a warp
     * stay together; {@code lane} is the lane's number.
     */
    String openForWarps(CodeText code, int points);

    /**
     * Opens the loop for one thread per point and {@code rowsAtOnce} consecutive rows; the code has
     * {@code first_row} and {@code rows_here} instead of {@code row}. Flat kernels alone.
     */
    String openForRowGroups(CodeText code, int points, int rowsAtOnce);

    void close(CodeText code);

    /** A block has a tile of rows; dead rows of the last tile are left out. */
    record Tile(int tileRows, int threads) implements WorkLoop {
        @Override
        public String open(CodeText code, int points, boolean pointsFastest) {
            code.open("for (int i = threadIdx.x; i < %d; i += %d)", points * tileRows, threads);
            if (pointsFastest) {
                code.line("const int p = i %% %d, lane_row = i / %d;", points, points);
            } else {
                code.line("const int lane_row = i %% %d, p = i / %d;", tileRows, tileRows);
            }
            code.line("if (lane_row >= live_rows) continue;");
            code.line("const int row = first_tile_row + lane_row;");
            return "p";
        }

        @Override
        public String openForWarps(CodeText code, int points) {
            code.line("const int lane = threadIdx.x & 31;");
            code.open(
                    "for (int i = threadIdx.x >> 5; i < %d * live_rows; i += %d)",
                    points, threads / 32);
            code.line("const int p = i %% %d, lane_row = i / %d;", points, points);
            code.line("const int row = first_tile_row + lane_row;");
            return "p";
        }

        @Override
        public String openForRowGroups(CodeText code, int points, int rowsAtOnce) {
            throw new IllegalStateException("Tiles block their rows in their own way");
        }

        @Override
        public void close(CodeText code) {
            code.close();
        }
    }

    /** All points of all rows over the grid. Remembers how the loop it opened is laid out. */
    final class Flat implements WorkLoop {
        private final int threads;
        private int rowsPerUnit = 1;
        private long threadsPerUnit = 1;

        Flat(int threads) {
            this.threads = threads;
        }

        /** Rows that one unit of the last loop opened has. */
        int rowsPerUnit() {
            return rowsPerUnit;
        }

        /** Threads that one unit of the last loop opened keeps busy. */
        long threadsPerUnit() {
            return threadsPerUnit;
        }

        @Override
        public String open(CodeText code, int points, boolean pointsFastest) {
            openOver(code, 1, points, 1);
            code.line("const int p = (int)(i %% %d), row = (int)(i / %d);", points, points);
            return "p";
        }

        @Override
        public String openForWarps(CodeText code, int points) {
            code.line("const int lane = threadIdx.x & 31;");
            openOver(code, 1, points, 32);
            code.line("const int p = (int)(i %% %d), row = (int)(i / %d);", points, points);
            return "p";
        }

        @Override
        public String openForRowGroups(CodeText code, int points, int rowsAtOnce) {
            openOver(code, rowsAtOnce, points, 1);
            code.line(
                    "const int p = (int)(i %% %d), first_row = (int)(i / %d) * %d;",
                    points, points, rowsAtOnce);
            code.line("const int rows_here = rows - first_row;");
            return "p";
        }

        private void openOver(CodeText code, int rowsAtOnce, int points, int threadsPerItem) {
            rowsPerUnit = rowsAtOnce;
            threadsPerUnit = (long) points * threadsPerItem;
            String units =
                    rowsAtOnce == 1 ? "rows" : "(rows + " + (rowsAtOnce - 1) + ") / " + rowsAtOnce;
            String first = "((mr_i64)blockIdx.x * " + threads + " + threadIdx.x)";
            String stride = "(mr_i64)gridDim.x * " + threads / threadsPerItem;
            if (threadsPerItem != 1) {
                first = first + " / " + threadsPerItem;
            }
            code.open(
                    "for (mr_i64 i = %s; i < (mr_i64)(%s) * %d; i += %s)",
                    first, units, points, stride);
        }

        @Override
        public void close(CodeText code) {
            code.close();
        }
    }
}
