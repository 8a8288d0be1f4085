package dev.millrace.local.demo;

import java.io.PrintStream;

/** How a demo shows itself. */
public enum Appearance {
    /** A page that redraws itself. */
    PAGE,
    /** A plain line from time to time. */
    LINES,
    /** Not at all. */
    SILENT;

    DemoView on(PrintStream out) {
        return switch (this) {
            case PAGE -> new TerminalView(out);
            case LINES -> new LineView(out);
            case SILENT -> new SilentView();
        };
    }
}
