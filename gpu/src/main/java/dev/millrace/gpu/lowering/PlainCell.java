package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The cell of RNN: {@code h = f(gates + before x R)}. */
final class PlainCell implements RecurrentLayer.Cell {
    private final RecurrentLayer layer;
    private final Val recurrence;
    private final UnaryOperator<Expr> function;

    PlainCell(RecurrentLayer layer, int direction, Activations activations) {
        this.layer = layer;
        recurrence = layer.recurrence(direction, 0, 1);
        function = activations.get(direction);
    }

    @Override
    public Val next(int time, Val gates, Optional<Val> before) {
        Val sum =
                before.map(state -> layer.product(state, recurrence, Optional.of(gates)))
                        .orElse(gates);
        return layer.map(List.of(sum), x -> function.apply(x.get(0)));
    }
}
