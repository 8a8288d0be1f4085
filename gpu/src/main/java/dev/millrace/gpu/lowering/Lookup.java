package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Tensor;
import java.util.List;

/** A step that looks every element of a value up in constant tables, while it is put together. */
final class Lookup {
    private final Builder builder;
    private final Val value;
    private final Operands operands;
    private final Expr key;

    Lookup(Builder builder, Val value) {
        this.builder = builder;
        this.value = value;
        this.operands = new Operands(builder, value.shape, true);
        this.key = operands.use(value);
    }

    /** The element looked up. */
    Expr key() {
        return key;
    }

    /** Its position among distinct ascending keys; -1 if it is none of them. */
    Expr place(Tensor keys) {
        return new Expr.Search(table(keys), keys.elements(), key);
    }

    /** An element of a vector. */
    Expr element(Tensor vector, Expr position) {
        return new Expr.LoadAt(table(vector), position, ScalarKind.of(vector.type()));
    }

    private int table(Tensor tensor) {
        View start = builder.view(builder.constant(tensor));
        return operands.index(new View(start.value(), start.offset(), List.of()));
    }

    /** What became of the elements. */
    Val result(ElementType type, Expr expr) {
        return builder.defer(
                type,
                value.shape,
                value.rowAxis,
                new Deferred(operands.origin(), operands.root(), operands.inputs(), expr));
    }
}
