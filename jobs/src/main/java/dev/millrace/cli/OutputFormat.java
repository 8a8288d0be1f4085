package dev.millrace.cli;

/** How a command writes what it found. */
enum OutputFormat {
    TEXT,
    JSON
}
