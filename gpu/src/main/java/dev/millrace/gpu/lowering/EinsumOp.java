package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Einstein's sums: operands are taken two at a time, and what neither the rest nor the result needs
 * is summed at once. Labels are letters; a dimension under an ellipsis has a digit, counted from
 * the end.
 */
final class EinsumOp {
    private final Builder builder;
    private final Map<Character, Integer> extents = new LinkedHashMap<>();
    private char rowLabel;

    private EinsumOp(Builder builder) {
        this.builder = builder;
    }

    /** An operand with a label for each of its dimensions. */
    private record Labelled(Val value, String labels) {}

    static void lower(NodeContext node) {
        String equation = node.text("equation", "").replace(" ", "");
        node.output(new EinsumOp(node.builder()).result(equation, node.inputsFrom(0)));
    }

    private Val result(String equation, List<Val> values) {
        int arrow = equation.indexOf("->");
        String[] terms = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
        Refusal.unless(
                terms.length == values.size() && !values.isEmpty(),
                "equation '%s' has %d terms for %d operands",
                equation,
                terms.length,
                values.size());
        List<Labelled> operands = new ArrayList<>();
        int ellipsis = 0;
        for (int i = 0; i < terms.length; i++) {
            Val value = values.get(i);
            ElementwiseOps.sameType(values.get(0), value);
            int covered = value.rank() - terms[i].replace("...", "").length();
            ellipsis = Math.max(ellipsis, terms[i].contains("...") ? covered : 0);
            operands.add(labelled(value, expanded(terms[i], covered)));
        }
        String output =
                arrow < 0
                        ? implicitOutput(operands, ellipsis)
                        : expanded(equation.substring(arrow + 2), ellipsis);
        requireLetters(output);
        return contracted(operands, output);
    }

    private static String expanded(String term, int covered) {
        int at = term.indexOf("...");
        if (at < 0) {
            return term;
        }
        Refusal.unless(covered >= 0 && covered < 10, "an ellipsis stands for %d", covered);
        StringBuilder digits = new StringBuilder();
        for (int i = covered - 1; i >= 0; i--) {
            digits.append((char) ('0' + i));
        }
        return term.substring(0, at) + digits + term.substring(at + 3);
    }

    private static void requireLetters(String labels) {
        Refusal.unless(
                labels.chars().allMatch(Character::isLetterOrDigit),
                "labels '%s' are not letters",
                labels);
    }

    private Labelled labelled(Val value, String labels) {
        requireLetters(labels);
        Refusal.unless(labels.length() == value.rank(), "'%s' does not fit %s", labels, value);
        for (int i = 0; i < labels.length(); i++) {
            char label = labels.charAt(i);
            int extent = value.shape[i];
            int known = extents.getOrDefault(label, 1);
            Refusal.unless(
                    known == extent || known == 1 || (extent == 1 && Character.isDigit(label)),
                    "'%s' has extents %d and %d",
                    label,
                    known,
                    extent);
            extents.put(label, Math.max(known, extent));
            if (i == value.rowAxis) {
                Rows.mixes(rowLabel != 0 && rowLabel != label);
                rowLabel = label;
            }
        }
        return new Labelled(value, labels);
    }

    private static String implicitOutput(List<Labelled> operands, int ellipsis) {
        Map<Character, Integer> counts = new TreeMap<>();
        for (Labelled operand : operands) {
            operand.labels.chars().forEach(c -> counts.merge((char) c, 1, Integer::sum));
        }
        StringBuilder output = new StringBuilder(expanded("...", ellipsis));
        counts.forEach((label, count) -> output.append(count == 1 && label > '9' ? label : ""));
        return output.toString();
    }

    private Val contracted(List<Labelled> operands, String output) {
        for (Labelled operand : operands) {
            Val value = operand.value;
            int at = rowLabel == 0 ? -1 : operand.labels.indexOf(rowLabel);
            Rows.mixes(at >= 0 && value.rowAxis != at && value.shape[at] != 1);
        }
        Rows.mixes(rowLabel != 0 && output.indexOf(rowLabel) < 0);
        Labelled left = operands.get(0);
        if (operands.size() == 1) {
            Val one = builder.constant(ones(left.value));
            return product(left, new Labelled(one, ""), output);
        }
        for (int i = 1; i < operands.size(); i++) {
            String needed = output;
            for (Labelled later : operands.subList(i + 1, operands.size())) {
                needed += later.labels;
            }
            String kept = i == operands.size() - 1 ? output : kept(left, operands.get(i), needed);
            left = new Labelled(product(left, operands.get(i), kept), kept);
        }
        return left.value;
    }

    private static Tensor ones(Val like) {
        return switch (like.kind()) {
            case F32 -> Tensor.of(like.type, List.of(), new float[] {1});
            case F64 -> Tensor.of(like.type, List.of(), new double[] {1});
            case I64 -> Tensor.of(like.type, List.of(), new long[] {1});
        };
    }

    private static String kept(Labelled left, Labelled right, String needed) {
        StringBuilder kept = new StringBuilder();
        String all = left.labels + right.labels;
        for (int i = 0; i < all.length(); i++) {
            char label = all.charAt(i);
            if (needed.indexOf(label) >= 0 && kept.indexOf(String.valueOf(label)) < 0) {
                kept.append(label);
            }
        }
        return kept.toString();
    }

    /** Multiplies two operands and sums what is not kept. */
    private Val product(Labelled left, Labelled right, String kept) {
        StringBuilder summed = new StringBuilder();
        String all = left.labels + right.labels;
        for (int i = 0; i < all.length(); i++) {
            char label = all.charAt(i);
            if (kept.indexOf(label) < 0 && summed.indexOf(String.valueOf(label)) < 0) {
                summed.append(label);
            }
        }
        int[] shape = extents(kept);
        int[] reduced = extents(summed.toString());
        String order = kept + summed;
        View x = view(left, order);
        View y = view(right, order);
        boolean swap = builder.isConstant(left.value) && !builder.isConstant(right.value);
        return Contractions.sum(
                builder,
                left.value.type,
                shape,
                rowLabel == 0 ? Rows.NONE : kept.indexOf(rowLabel),
                swap ? y : x,
                swap ? x : y,
                reduced,
                false,
                Optional.empty());
    }

    private int[] extents(String labels) {
        return labels.chars()
                .map(
                        label -> {
                            Refusal.unless(
                                    extents.containsKey((char) label),
                                    "'%s' is not a label of an operand",
                                    (char) label);
                            return extents.get((char) label);
                        })
                .toArray();
    }

    /** Strides by label: a label that stands twice walks a diagonal. */
    private View view(Labelled operand, String order) {
        View view = builder.view(operand.value);
        List<Integer> strides = new ArrayList<>();
        for (int place = 0; place < order.length(); place++) {
            char label = order.charAt(place);
            int stride = 0;
            for (int i = 0; i < operand.labels.length(); i++) {
                boolean walks = operand.labels.charAt(i) == label && operand.value.shape[i] != 1;
                stride += walks ? view.strides().get(i) : 0;
            }
            strides.add(stride);
        }
        return new View(view.value(), view.offset(), strides);
    }
}
