package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Conversions, bounds and choices, element by element. */
final class SelectionOps {
    /** Since then a dropout drops nothing unless it is told to. */
    private static final int ALWAYS_INFERENCE = 7;

    /** Before, element types had names. */
    private static final int TYPES_BY_NUMBER = 6;

    private static final int CLIP_BY_INPUTS = 11;

    private SelectionOps() {}

    static void register(Operators operators) {
        operators.standard("Identity", node -> node.output(node.counted(0)));
        operators.standard("Dropout", SelectionOps::dropout);
        operators.standard("Clip", SelectionOps::clip);
        operators.standard("Where", SelectionOps::where);
        operators.standard("Cast", SelectionOps::cast);
        operators.standard("CastLike", SelectionOps::castLike);
    }

    /** When scoring nothing is dropped. */
    private static void dropout(NodeContext node) {
        node.ignoreAttributes("ratio", "seed");
        boolean training = node.version() < ALWAYS_INFERENCE && !node.flag("is_test", false);
        training |= node.has(2) && node.constantLong(2, "training_mode") != 0;
        if (training && node.has(1)) {
            training = node.constant(1, "the ratio").asDouble(0) != 0;
        }
        Refusal.unless(!training, "it drops elements at random; export the model for inference");
        node.ignoreInput(1);
        node.ignoreAttributes("is_test");
        Val value = node.input(0);
        node.output(value);
        if (node.wants(1)) {
            node.output(
                    1,
                    node.builder()
                            .elementwise(
                                    ElementType.BOOL,
                                    value.shape,
                                    value.rowAxis,
                                    List.of(),
                                    loads -> Exprs.i64(1)));
        }
    }

    private static void clip(NodeContext node) {
        Val value = node.input(0);
        Optional<Val> least = bound(node, "min", 1);
        Optional<Val> most = bound(node, "max", 2);
        List<Val> operands = new ArrayList<>(List.of(value));
        least.ifPresent(operands::add);
        most.ifPresent(operands::add);
        if (operands.size() == 1) {
            node.output(value);
            return;
        }
        operands.forEach(operand -> ElementwiseOps.sameType(value, operand));
        operands.subList(1, operands.size()).forEach(SelectionOps::requireOneElement);
        node.output(
                node.builder()
                        .elementwise(
                                value.type,
                                operands,
                                loads ->
                                        clipped(
                                                value.type,
                                                loads,
                                                least.isPresent(),
                                                most.isPresent())));
    }

    private static Optional<Val> bound(NodeContext node, String attribute, int input) {
        if (node.version() >= CLIP_BY_INPUTS) {
            return node.optional(input);
        }
        if (!node.hasAttribute(attribute)) {
            return Optional.empty();
        }
        Val bound = node.builder().scalar(node.real(attribute, 0));
        return Optional.of(converted(node.builder(), bound, node.input(0).type));
    }

    private static void requireOneElement(Val bound) {
        Refusal.unless(bound.rank() <= 1 && bound.elements() == 1, "bound %s is no scalar", bound);
    }

    private static Expr clipped(
            ElementType type, List<Expr> loads, boolean hasLeast, boolean hasMost) {
        Expr result = ElementwiseOps.ordered(type, loads.get(0));
        if (hasLeast) {
            result = Terms.max(result, ElementwiseOps.ordered(type, loads.get(1)));
        }
        if (hasMost) {
            result = Terms.min(result, ElementwiseOps.ordered(type, loads.get(loads.size() - 1)));
        }
        return ElementwiseOps.unordered(type, result);
    }

    private static void where(NodeContext node) {
        Val condition = node.counted(0);
        Val whenTrue = node.counted(1);
        Val whenFalse = node.counted(2);
        Refusal.unless(condition.type == ElementType.BOOL, "%s is no condition", condition);
        ElementwiseOps.sameType(whenTrue, whenFalse);
        if (whenTrue.rowCounts.length > 0 || whenFalse.rowCounts.length > 0) {
            node.output(RowCounts.where(node.builder(), condition, whenTrue, whenFalse));
            return;
        }
        node.output(
                node.builder()
                        .elementwise(
                                whenTrue.type,
                                List.of(condition, whenTrue, whenFalse),
                                loads -> Terms.select(loads.get(0), loads.get(1), loads.get(2))));
    }

    private static void cast(NodeContext node) {
        node.ignoreAttributes("saturate");
        if (node.version() < TYPES_BY_NUMBER) {
            cast(node, TensorReader.type(node.text("to", "")));
            return;
        }
        ElementType type =
                node.elementType("to").orElseThrow(() -> new Refusal("it does not say to what"));
        cast(node, type);
    }

    private static void castLike(NodeContext node) {
        node.ignoreAttributes("saturate");
        cast(node, node.input(1).type);
    }

    private static void cast(NodeContext node, ElementType type) {
        Val value = node.counted(0);
        if (value.rowCounts.length == 0) {
            node.output(converted(node.builder(), value, type));
            return;
        }
        Refusal.unless(
                type == ElementType.INT64 || type == ElementType.INT32,
                "it computes with the number of records, which no record may depend on");
        boolean[] counts = Arrays.copyOf(value.rowCounts, value.rowCounts.length);
        Val plain = value.withRowCounts(new boolean[0]);
        node.output(converted(node.builder(), plain, type).withRowCounts(counts));
    }

    /** A value as another type. */
    static Val converted(Builder builder, Val value, ElementType type) {
        if (value.type == type) {
            return value;
        }
        return builder.elementwise(
                type, List.of(value), loads -> converted(loads.get(0), value.type, type));
    }

    /** An expression as another type; storing it to that type does the rest. */
    static Expr converted(Expr x, ElementType from, ElementType to) {
        if (to == ElementType.BOOL) {
            return Terms.not(Terms.equal(x, Terms.like(x, 0)));
        }
        if (x.kind() == ScalarKind.F64 && ScalarKind.of(to) == ScalarKind.I64) {
            return new Expr.Convert(ScalarKind.I64, false, x);
        }
        return Terms.convert(ScalarKind.of(to), from, x);
    }
}
