package dev.millrace.job.config;

/**
 * One thing that is wrong with a pipeline.
 *
 * @param file the pipeline's file as the user named it
 * @param line counted from 1; 0 where the problem is something that is not there
 * @param message what is wrong, with the numbers
 * @param fix what to do about it
 */
public record ConfigProblem(String file, int line, String message, String fix) {
    @Override
    public String toString() {
        String place = line == 0 ? file : file + ":" + line;
        return place + ": " + message + (fix.isEmpty() ? "" : ". " + fix);
    }
}
