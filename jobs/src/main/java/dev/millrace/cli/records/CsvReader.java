package dev.millrace.cli.records;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads rows of RFC 4180: cells between commas, in quotes where they hold commas, quotes (doubled)
 * or line breaks.
 */
final class CsvReader {
    private static final int END = -1;

    private final Reader reader;
    private int peeked;
    private long line = 1;
    private long rowLine;

    CsvReader(Reader reader) throws IOException {
        this.reader = reader;
        this.peeked = reader.read();
        if (peeked == '\uFEFF') {
            peeked = reader.read();
        }
    }

    /** The line that the row read last begins in. */
    long rowLine() {
        return rowLine;
    }

    /**
     * The next row that is not empty; nothing at the end.
     *
     * @throws UnreadableFileException if a quote is never closed
     */
    Optional<List<String>> next() throws IOException, UnreadableFileException {
        while (peeked == '\n' || peeked == '\r') {
            take();
        }
        if (peeked == END) {
            return Optional.empty();
        }
        rowLine = line;
        List<String> cells = new ArrayList<>();
        cells.add(cell());
        while (peeked == ',') {
            take();
            cells.add(cell());
        }
        return Optional.of(cells);
    }

    private String cell() throws IOException, UnreadableFileException {
        StringBuilder cell = new StringBuilder();
        if (peeked == '"') {
            quoted(cell);
        }
        while (peeked != ',' && peeked != '\n' && peeked != '\r' && peeked != END) {
            cell.append((char) take());
        }
        return cell.toString();
    }

    private void quoted(StringBuilder cell) throws IOException, UnreadableFileException {
        long opened = line;
        take();
        while (true) {
            if (peeked == END) {
                throw new UnreadableFileException(
                        "the quote of line %d is never closed".formatted(opened));
            }
            int character = take();
            if (character != '"') {
                cell.append((char) character);
            } else if (peeked == '"') {
                cell.append((char) take());
            } else {
                return;
            }
        }
    }

    private int take() throws IOException {
        int taken = peeked;
        if (taken == '\n') {
            line++;
        }
        peeked = reader.read();
        return taken;
    }
}
