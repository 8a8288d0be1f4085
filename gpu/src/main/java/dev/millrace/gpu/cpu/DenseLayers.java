package dev.millrace.gpu.cpu;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;

/** Makes dense layers, with the JVM's Vector API or in plain loops. */
enum DenseLayers {
    VECTOR("Vector API"),
    PLAIN("plain loops");

    private static final String MODULE = "jdk.incubator.vector";
    private static final String CLASS = "dev.millrace.gpu.cpu.vector.VectorDenseLayer";
    private static final Optional<MethodHandle> CONSTRUCTOR = findConstructor();

    private final String description;

    DenseLayers(String description) {
        this.description = description;
    }

    /**
     * The faster kind where this JVM has it: it needs {@code --add-modules jdk.incubator.vector}.
     */
    static DenseLayers best() {
        return hasVectors() ? VECTOR : PLAIN;
    }

    static boolean hasVectors() {
        return CONSTRUCTOR.isPresent();
    }

    DenseLayer create(DenseLayer.Shape shape) {
        return switch (this) {
            case PLAIN -> new PlainDenseLayer(shape);
            case VECTOR -> createVector(shape);
        };
    }

    private static DenseLayer createVector(DenseLayer.Shape shape) {
        MethodHandle constructor =
                CONSTRUCTOR.orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "The Vector API is off; start Java with --add-modules "
                                                + MODULE));
        try {
            return (DenseLayer) constructor.invoke(shape);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("The Vector API's layer cannot be made", e);
        }
    }

    private static Optional<MethodHandle> findConstructor() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return Optional.empty();
        }
        try {
            Class<?> type = Class.forName(CLASS);
            MethodType signature = MethodType.methodType(void.class, DenseLayer.Shape.class);
            return Optional.of(MethodHandles.lookup().findConstructor(type, signature));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @Override
    public String toString() {
        return description;
    }
}
