package dev.millrace.job;

import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.job.config.Nearest;
import dev.millrace.job.config.OutputSettings;
import dev.millrace.schema.ScoreField;
import dev.millrace.schema.TensorLayout;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The scores that a pipeline's records carry, ready to be matched with a model. Travels with the
 * job.
 *
 * @param entries none for all outputs under their own names
 */
record ScoreSelection(List<Entry> entries) implements Serializable {
    ScoreSelection {
        entries = List.copyOf(entries);
    }

    /**
     * One score.
     *
     * @param output the model's output
     * @param element one element of it, by index or column name; empty for all
     * @param name in the scored record
     * @param line where the pipeline's file lists it
     */
    record Entry(String output, String element, String name, int line) implements Serializable {}

    static ScoreSelection of(OutputSettings settings) {
        List<Entry> entries = new ArrayList<>();
        for (OutputSettings.Output output : settings.outputs()) {
            entries.add(
                    new Entry(
                            output.modelName(),
                            output.element().orElse(""),
                            output.recordName(),
                            output.line()));
        }
        return new ScoreSelection(entries);
    }

    /**
     * The fields of a scored record of a model.
     *
     * @throws IllegalArgumentException if pipeline and model do not fit
     */
    List<ScoreField> forModel(ModelSignature signature) {
        List<TensorLayout> layouts = Layouts.of(signature.outputs());
        List<ScoreField> fields = new ArrayList<>();
        if (entries.isEmpty()) {
            for (int output = 0; output < layouts.size(); output++) {
                fields.add(ScoreField.of(output, layouts.get(output)));
            }
            return fields;
        }
        for (Entry entry : entries) {
            fields.add(field(entry, layouts));
        }
        return fields;
    }

    private static ScoreField field(Entry entry, List<TensorLayout> layouts) {
        List<String> names = layouts.stream().map(TensorLayout::name).toList();
        int output = names.indexOf(entry.output());
        if (output < 0) {
            throw new IllegalArgumentException(
                    "the model has no output '%s'%s; it has %s"
                            .formatted(
                                    entry.output(),
                                    Nearest.to(entry.output(), names)
                                            .map(", did you mean '%s'?"::formatted)
                                            .orElse(""),
                                    String.join(", ", names)));
        }
        TensorLayout layout = layouts.get(output);
        ScoreField field = ScoreField.of(output, layout).named(entry.name());
        return entry.element().isEmpty() ? field : field.element(element(entry, layout));
    }

    private static int element(Entry entry, TensorLayout layout) {
        int byName = layout.categories().indexOf(entry.element());
        if (byName >= 0 && layout.categories().size() == layout.rowElements()) {
            return byName;
        }
        if (entry.element().matches("\\d{1,9}")) {
            return Integer.parseInt(entry.element());
        }
        throw new IllegalArgumentException(
                "output '%s' has no element '%s'; it has %d elements a record%s"
                        .formatted(
                                entry.output(),
                                entry.element(),
                                layout.rowElements(),
                                layout.categories().isEmpty()
                                        ? ", named by index"
                                        : ": " + String.join(", ", layout.categories())));
    }

    /** Where the pipeline's file lists outputs; 0 where it does not. */
    int line() {
        return entries.isEmpty() ? 0 : entries.get(0).line();
    }
}
