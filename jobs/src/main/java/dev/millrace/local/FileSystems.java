package dev.millrace.local;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.PluginUtils;

/** Flink's file systems in this process, as a cluster's processes have them. */
public final class FileSystems {
    private static final String PLUGINS = "FLINK_PLUGINS_DIR";
    private static final String SETTINGS = "FLINK_CONF_DIR";

    private FileSystems() {}

    /**
     * Takes the file systems from the plugins folder that the environment names, S3 for example,
     * with the settings of {@code FLINK_CONF_DIR} where that is set. Before any file is opened.
     */
    public static void initialize() {
        if (System.getenv(PLUGINS) == null) {
            return;
        }
        Configuration settings =
                System.getenv(SETTINGS) == null
                        ? new Configuration()
                        : GlobalConfiguration.loadConfiguration();
        FileSystem.initialize(settings, PluginUtils.createPluginManagerFromRootFolder(settings));
    }
}
