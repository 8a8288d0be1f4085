package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The cell of GRU; gates in the order update, reset, hidden. */
final class GatedCell implements RecurrentLayer.Cell {
    private static final int HIDDEN = 2;

    private final RecurrentLayer layer;
    private final Val switches;
    private final Val candidate;
    private final Optional<Val> candidateBias;
    private final UnaryOperator<Expr> f;
    private final UnaryOperator<Expr> g;
    private final boolean linearBeforeReset;

    /**
     * @param linearBeforeReset whether the reset gate acts on the product with the state before,
     *     not on that state
     */
    GatedCell(
            RecurrentLayer layer,
            int direction,
            Activations activations,
            boolean linearBeforeReset) {
        this.layer = layer;
        this.linearBeforeReset = linearBeforeReset;
        switches = layer.recurrence(direction, 0, HIDDEN);
        candidate = layer.recurrence(direction, HIDDEN, 1);
        candidateBias = layer.recurrentBias(direction, HIDDEN);
        f = activations.get(2 * direction);
        g = activations.get(2 * direction + 1);
    }

    @Override
    public Val next(int time, Val gates, Optional<Val> before) {
        Val both = layer.gates(gates, 0, HIDDEN);
        if (before.isPresent()) {
            both = layer.product(before.get(), switches, Optional.of(both));
        }
        layer.builder.view(both);
        Val update = layer.gates(both, 0, 1);
        Val reset = layer.gates(both, 1, 1);
        Val input = layer.gates(gates, HIDDEN, 1);
        Val sum = linearBeforeReset ? linear(input, reset, before) : reset(input, reset, before);
        List<Val> operands = new ArrayList<>(List.of(sum, update));
        before.ifPresent(operands::add);
        return layer.map(
                operands,
                x -> {
                    Expr z = f.apply(x.get(1));
                    Expr fresh = Terms.mul(Terms.sub(Exprs.f32(1), z), g.apply(x.get(0)));
                    return x.size() == 2 ? fresh : Terms.add(fresh, Terms.mul(z, x.get(2)));
                });
    }

    /** {@code input + (r * before) x R}. */
    private Val reset(Val input, Val reset, Optional<Val> before) {
        if (before.isEmpty()) {
            return input;
        }
        Val state =
                layer.map(
                        List.of(reset, before.get()), x -> Terms.mul(f.apply(x.get(0)), x.get(1)));
        return layer.product(state, candidate, Optional.of(input));
    }

    /** {@code input + r * (before x R + bias)}. */
    private Val linear(Val input, Val reset, Optional<Val> before) {
        if (before.isEmpty() && candidateBias.isEmpty()) {
            return input;
        }
        Val recurrent =
                before.map(state -> layer.product(state, candidate, candidateBias))
                        .or(() -> candidateBias)
                        .orElseThrow();
        return layer.map(
                List.of(recurrent, reset, input),
                x -> Terms.add(x.get(2), Terms.mul(f.apply(x.get(1)), x.get(0))));
    }
}
