package dev.millrace.gpu.nvml;

import com.sun.jna.Native;
import com.sun.jna.ptr.PointerByReference;
import dev.millrace.gpu.monitor.DeviceSensor;
import dev.millrace.gpu.monitor.DeviceSensorProvider;
import dev.millrace.gpu.monitor.DeviceSilentException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds NVIDIA GPUs by PCI bus id. Loads NVML once per process, and never unloads it. */
public final class Nvml implements DeviceSensorProvider {
    static final String LIBRARY_FILE = "libnvidia-ml.so.1";

    /** As for the CUDA driver: folders searched first. */
    private static final String LIBRARY_PATH_PROPERTY = "millrace.cuda.library-path";

    private static final String LIBRARY_PATH_VARIABLE = "MILLRACE_CUDA_LIBRARY_PATH";
    private static final List<String> FOLDERS =
            List.of("/usr/local/nvidia/lib64", "/usr/lib/wsl/lib");
    private static final String PCI_BUS_ID = "[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\..*";

    private static NvmlLibrary library;

    @Override
    public Optional<DeviceSensor> sensor(String deviceId) throws DeviceSilentException {
        if (!deviceId.matches(PCI_BUS_ID)) {
            return Optional.empty();
        }
        NvmlLibrary nvml = library();
        PointerByReference handle = new PointerByReference();
        check(
                nvml,
                nvml.nvmlDeviceGetHandleByPciBusId_v2(deviceId, handle),
                "nvmlDeviceGetHandleByPciBusId(" + deviceId + ")");
        return Optional.of(new NvmlSensor(nvml, handle.getValue()));
    }

    private static synchronized NvmlLibrary library() throws DeviceSilentException {
        if (library == null) {
            NvmlLibrary loaded = load();
            check(loaded, loaded.nvmlInit_v2(), "nvmlInit");
            library = loaded;
        }
        return library;
    }

    private static NvmlLibrary load() throws DeviceSilentException {
        try {
            return Native.load(path(), NvmlLibrary.class);
        } catch (LinkageError e) {
            throw new DeviceSilentException(
                    "NVML cannot be used: %s; it comes with the NVIDIA driver, and into a container with the driver capability 'utility'"
                            .formatted(String.valueOf(e.getMessage()).lines().findFirst().get()),
                    e);
        }
    }

    /** Where the library lies, or its name for the dynamic linker to find. */
    private static String path() {
        List<String> folders = new ArrayList<>();
        addPathList(folders, System.getProperty(LIBRARY_PATH_PROPERTY));
        addPathList(folders, System.getenv(LIBRARY_PATH_VARIABLE));
        folders.addAll(FOLDERS);
        for (String folder : folders) {
            Path file = Path.of(folder, LIBRARY_FILE);
            if (Files.exists(file)) {
                return file.toAbsolutePath().toString();
            }
        }
        return LIBRARY_FILE;
    }

    private static void addPathList(List<String> folders, String list) {
        if (list != null && !list.isBlank()) {
            folders.addAll(List.of(list.split(File.pathSeparator, -1)));
        }
    }

    static void check(NvmlLibrary nvml, int result, String call) throws DeviceSilentException {
        if (result != NvmlLibrary.SUCCESS) {
            throw new DeviceSilentException(
                    "%s: %s (%d)".formatted(call, nvml.nvmlErrorString(result), result));
        }
    }
}
