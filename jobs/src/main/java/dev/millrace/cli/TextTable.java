package dev.millrace.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns of text, each as wide as its widest cell; the last one is not filled up. */
final class TextTable {
    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /**
     * @param alignment a letter per column: {@code l} left, {@code r} right
     */
    TextTable(String alignment) {
        right = new boolean[alignment.length()];
        for (int column = 0; column < right.length; column++) {
            right[column] = alignment.charAt(column) == 'r';
        }
    }

    TextTable row(String... cells) {
        rows.add(cells);
        return this;
    }

    void print(PrintWriter out) {
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], row[column].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                String filler = " ".repeat(widths[column] - row[column].length());
                line.append(column == 0 ? "" : "  ");
                line.append(right[column] ? filler + row[column] : row[column] + filler);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
