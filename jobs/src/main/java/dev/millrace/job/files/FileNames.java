package dev.millrace.job.files;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** Names of files and folders, on this machine or elsewhere. */
public final class FileNames {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");
    private static final String LOCAL = "file:";

    private FileNames() {}

    /**
     * One name for all ways to write it: what is on this machine by its absolute path, wildcards
     * kept, and an address such as {@code s3://archive/a.avro} as it is.
     */
    public static String canonical(String name) {
        if (name.startsWith(LOCAL)) {
            return absolute(name.substring(LOCAL.length()).replaceFirst("^//(?=/)", ""));
        }
        return SCHEME.matcher(name).matches() ? name : absolute(name);
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }
}
