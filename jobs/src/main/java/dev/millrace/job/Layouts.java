package dev.millrace.job;

import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Translates what engines say of tensors into what decoders and encoders know. */
final class Layouts {
    private Layouts() {}

    static List<TensorLayout> of(List<TensorSpec> tensors) {
        List<TensorLayout> layouts = new ArrayList<>();
        for (TensorSpec tensor : tensors) {
            layouts.add(
                    new TensorLayout(
                            tensor.name(),
                            TensorType.valueOf(tensor.type().name()),
                            tensor.rowShape(),
                            tensor.categories()));
        }
        return layouts;
    }
}
