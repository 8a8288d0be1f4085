package dev.millrace.gpu.cuda.driver;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the NVIDIA libraries and JCuda's, once per class loader, and remembers the outcome: a
 * static initialiser of JCuda that failed cannot be run again.
 *
 * <p>JCuda extracts its libraries under a fixed name into the shared temporary folder, neither
 * atomically nor verified; JVMs that start together kill each other that way. Here they go into a
 * fresh folder of this process (and of this class loader), by temporary file and rename, and the
 * folder is deleted as soon as they are mapped. So several JVMs, and several jobs in one JVM, do
 * not meet. Still, put this module into Flink's {@code lib/}: a class loader that has JNI libraries
 * is never collected.
 */
public final class NativeLibraries {
    /** Folders searched first, separated like a class path; also read from the environment. */
    public static final String LIBRARY_PATH_PROPERTY = "millrace.cuda.library-path";

    static final String LIBRARY_PATH_VARIABLE = "MILLRACE_CUDA_LIBRARY_PATH";

    private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);
    private static final String JCUDA_VERSION = "12.6.0";
    private static final String DRIVER_FILE = "libcuda.so.1";
    private static final String NVRTC_FILE = "libnvrtc.so.12";
    private static final String NVRTC_BUILTINS_PREFIX = "libnvrtc-builtins.so.12";
    private static final List<String> DRIVER_FOLDERS =
            List.of(
                    "/usr/lib/x86_64-linux-gnu",
                    "/usr/lib/aarch64-linux-gnu",
                    "/usr/lib64",
                    "/usr/local/nvidia/lib64",
                    "/usr/lib/wsl/lib");
    private static final List<String> NVRTC_FOLDERS =
            List.of(
                    "/usr/local/cuda/lib64",
                    "/usr/local/cuda-12/lib64",
                    "/usr/lib/x86_64-linux-gnu",
                    "/usr/lib/aarch64-linux-gnu",
                    "/usr/lib64");

    private static Outcome driver;
    private static Outcome nvrtc;

    private NativeLibraries() {}

    /**
     * Null failure: loaded. The message alone: an exception holds the classes of its stack, and so
     * all classes of the job that asked first.
     */
    private record Outcome(String failure) {
        void throwIfFailed() throws CudaUnavailableException {
            if (failure != null) {
                throw new CudaUnavailableException(failure);
            }
        }
    }

    private interface Loading {
        void run() throws CudaUnavailableException;
    }

    /** Makes JCuda's driver classes usable. */
    public static synchronized void loadDriver() throws CudaUnavailableException {
        if (driver == null) {
            driver = attempt(NativeLibraries::findAndLoadDriver);
        }
        driver.throwIfFailed();
    }

    /** Makes JCuda's NVRTC classes usable. Needs neither driver nor device. */
    public static synchronized void loadNvrtc() throws CudaUnavailableException {
        if (nvrtc == null) {
            nvrtc = attempt(NativeLibraries::findAndLoadNvrtc);
        }
        nvrtc.throwIfFailed();
    }

    private static Outcome attempt(Loading loading) {
        try {
            loading.run();
            return new Outcome(null);
        } catch (CudaUnavailableException e) {
            LOG.debug("Not loaded", e);
            return new Outcome(e.getMessage());
        }
    }

    private static void findAndLoadDriver() throws CudaUnavailableException {
        Optional<Path> found = find(DRIVER_FILE, DRIVER_FOLDERS);
        found.ifPresent(NativeLibraries::loadByPath);
        try {
            initialise("jcuda.driver.JCudaDriver", "JCudaDriver");
        } catch (LinkageError | IOException e) {
            throw new CudaUnavailableException(
                    found.isPresent()
                            ? "The NVIDIA driver library %s could not be used: %s"
                                    .formatted(found.get(), firstLine(e))
                            : notFound("NVIDIA driver", DRIVER_FILE, DRIVER_FOLDERS)
                                    + " install the driver",
                    e);
        }
    }

    private static void findAndLoadNvrtc() throws CudaUnavailableException {
        Optional<Path> found = find(NVRTC_FILE, NVRTC_FOLDERS);
        if (found.isPresent()) {
            // Without its builtins NVRTC loads, but every compilation fails.
            loadBuiltins(found.get().getParent());
            loadByPath(found.get());
        }
        try {
            initialise("jcuda.nvrtc.JNvrtc", "JNvrtc");
        } catch (LinkageError | IOException e) {
            throw new CudaUnavailableException(
                    found.isPresent()
                            ? "The CUDA compiler library %s could not be used: %s"
                                    .formatted(found.get(), firstLine(e))
                            : notFound("CUDA compiler", NVRTC_FILE, NVRTC_FOLDERS)
                                    + " put %s and %s.* of CUDA 12 there"
                                            .formatted(NVRTC_FILE, NVRTC_BUILTINS_PREFIX),
                    e);
        }
    }

    private static String notFound(String what, String file, List<String> folders) {
        return "No %s: %s is neither in -D%s, LD_LIBRARY_PATH nor %s;"
                .formatted(what, file, LIBRARY_PATH_PROPERTY, String.join(", ", folders));
    }

    private static Optional<Path> find(String file, List<String> folders) {
        List<String> all = new ArrayList<>();
        addPathList(all, System.getProperty(LIBRARY_PATH_PROPERTY));
        addPathList(all, System.getenv(LIBRARY_PATH_VARIABLE));
        addPathList(all, System.getenv("LD_LIBRARY_PATH"));
        all.addAll(folders);
        for (String folder : all) {
            Path candidate = Path.of(folder, file);
            if (Files.exists(candidate)) {
                return Optional.of(candidate.toAbsolutePath());
            }
        }
        return Optional.empty();
    }

    private static void addPathList(List<String> folders, String list) {
        if (list == null) {
            return;
        }
        for (String folder : list.split(File.pathSeparator, -1)) {
            if (!folder.isBlank()) {
                folders.add(folder);
            }
        }
    }

    private static void loadBuiltins(Path folder) {
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(folder, NVRTC_BUILTINS_PREFIX + "*")) {
            for (Path file : files) {
                loadByPath(file);
                return;
            }
        } catch (IOException e) {
            LOG.debug("Could not list {}", folder, e);
        }
    }

    /** The dynamic linker then finds the library by its name, wherever it lies. */
    private static void loadByPath(Path library) {
        try {
            System.load(library.toString());
        } catch (UnsatisfiedLinkError e) {
            // Loaded already by another class loader is as good; anything else shows when JCuda's
            // own library is loaded.
            LOG.debug("Could not load {}: {}", library, e.getMessage());
        }
    }

    /**
     * Runs a JCuda class's static initialiser with its library already lying where the initialiser
     * looks for it: in the folder that {@code java.io.tmpdir} names at that moment.
     */
    private static void initialise(String className, String libraryName) throws IOException {
        Path folder =
                Files.createTempDirectory("millrace-natives-" + ProcessHandle.current().pid());
        String previous = System.getProperty("java.io.tmpdir");
        try {
            extract(libraryFile(libraryName), folder);
            System.setProperty("java.io.tmpdir", folder.toString());
            Class.forName(className, true, NativeLibraries.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(className);
        } finally {
            System.setProperty("java.io.tmpdir", previous);
            deleteFolder(folder);
        }
    }

    private static String libraryFile(String libraryName) {
        String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return "lib%s-%s-linux-%s.so"
                .formatted(
                        libraryName,
                        JCUDA_VERSION,
                        architecture.equals("amd64") ? "x86_64" : architecture);
    }

    static void extract(String libraryFile, Path folder) throws IOException {
        Path target = folder.resolve(libraryFile);
        Path temporary = Files.createTempFile(folder, "extract", ".tmp");
        try (InputStream resource =
                NativeLibraries.class.getResourceAsStream("/lib/" + libraryFile)) {
            if (resource == null) {
                throw new IOException("jcuda-natives on the class path has no " + libraryFile);
            }
            Files.copy(resource, temporary, StandardCopyOption.REPLACE_EXISTING);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** What is mapped stays mapped. */
    private static void deleteFolder(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            LOG.debug("Could not delete {}", folder, e);
        }
    }

    private static String firstLine(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        for (String line : text.split("\n", -1)) {
            if (line.contains("UnsatisfiedLinkError: /")) {
                return line.substring(line.indexOf('/'));
            }
        }
        return text.lines().findFirst().orElse(failure.toString());
    }
}
