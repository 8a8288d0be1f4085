package dev.millrace.gpu.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The strings that the tensors of a model can hold. Tensors whose strings meet share one
 * vocabulary, so that an index means the same string in both. Mutable while a model is read.
 */
final class Vocabularies {
    private final Map<String, Group> groupOfTensor = new HashMap<>();

    private static final class Group {
        private final List<String> tensors = new ArrayList<>();
        private final LinkedHashSet<String> strings = new LinkedHashSet<>();
    }

    /** Whether a tensor holds strings. */
    boolean contains(String tensor) {
        return groupOfTensor.containsKey(tensor);
    }

    boolean isEmpty() {
        return groupOfTensor.isEmpty();
    }

    /** Declares that a tensor can hold these strings, among others. */
    void add(String tensor, List<String> strings) {
        group(tensor).strings.addAll(strings);
    }

    /** Declares that strings move from one of these tensors to another, or are compared. */
    void unite(String tensor, String other) {
        Group group = group(tensor);
        Group absorbed = group(other);
        if (group == absorbed) {
            return;
        }
        group.strings.addAll(absorbed.strings);
        group.tensors.addAll(absorbed.tensors);
        absorbed.tensors.forEach(name -> groupOfTensor.put(name, group));
    }

    private Group group(String tensor) {
        return groupOfTensor.computeIfAbsent(
                tensor,
                name -> {
                    Group group = new Group();
                    group.tensors.add(name);
                    return group;
                });
    }

    /** All strings that a tensor can hold, in index order. */
    List<String> strings(String tensor) {
        return List.copyOf(groupOfTensor.get(tensor).strings);
    }

    /** Indices of strings in a tensor's vocabulary; -1 for one that is not in it. */
    List<Long> indices(String tensor, List<String> strings) {
        List<String> vocabulary = strings(tensor);
        return strings.stream().map(string -> (long) vocabulary.indexOf(string)).toList();
    }
}
