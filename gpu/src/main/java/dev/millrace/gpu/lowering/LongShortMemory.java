package dev.millrace.gpu.lowering;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The cells of an LSTM and what they remember; gates in the order input, output, forget, cell. */
final class LongShortMemory {
    private static final int OUTPUT = 1;
    private static final int FORGET = 2;
    private static final int CELL = 3;

    private final NodeContext node;
    private final RecurrentLayer layer;
    private final Activations activations;
    private final Optional<Val> peepholes;
    private final boolean coupled;
    private final List<Cell> cells = new ArrayList<>();

    LongShortMemory(NodeContext node, RecurrentLayer layer, Activations activations) {
        this.node = node;
        this.layer = layer;
        this.activations = activations;
        peepholes = node.optional(7);
        peepholes.ifPresent(
                each -> {
                    Rows.absent(each, "a peephole weight");
                    Refusal.unless(
                            each.rank() == 2
                                    && each.shape[0] == layer.directions()
                                    && each.shape[1] == 3 * layer.hidden,
                            "peephole weights %s do not fit",
                            each);
                });
        coupled = node.flag("input_forget", false);
    }

    RecurrentLayer.Cell cell(int direction) {
        cells.add(new Cell(direction));
        return cells.get(cells.size() - 1);
    }

    /** Gives the final cell states. */
    void giveOutput() {
        if (node.wants(2)) {
            List<Val> last = new ArrayList<>();
            cells.forEach(cell -> last.add(cell.memory.orElseGet(layer::zero)));
            node.output(2, layer.states(last));
        }
    }

    private final class Cell implements RecurrentLayer.Cell {
        private final int direction;
        private final Val recurrence;
        private final Val memories;
        private final UnaryOperator<Expr> f;
        private final UnaryOperator<Expr> g;
        private final UnaryOperator<Expr> h;
        private Optional<Val> memory;

        Cell(int direction) {
            this.direction = direction;
            recurrence = layer.recurrence(direction, 0, 4);
            memories = layer.memory();
            memory = layer.initial(6, direction);
            f = activations.get(3 * direction);
            g = activations.get(3 * direction + 1);
            // What it remembers is not clipped, as in ONNX Runtime.
            h = activations.unclipped(3 * direction + 2);
        }

        @Override
        public Val next(int time, Val gates, Optional<Val> before) {
            Val all = gates;
            if (before.isPresent()) {
                all = layer.product(before.get(), recurrence, Optional.of(gates));
            }
            layer.builder.view(all);
            memory = Optional.of(layer.keep(remembered(all), memory, time, memories));
            List<Val> operands =
                    new ArrayList<>(List.of(layer.gates(all, OUTPUT, 1), memory.get()));
            peepholes.ifPresent(each -> operands.add(peephole(each, OUTPUT)));
            return layer.map(
                    operands,
                    x -> {
                        Expr sum = x.get(0);
                        if (x.size() == 3) {
                            sum = Terms.add(sum, Terms.mul(x.get(2), x.get(1)));
                        }
                        return Terms.mul(f.apply(sum), h.apply(x.get(1)));
                    });
        }

        /** {@code f * before + i * g}. */
        private Val remembered(Val all) {
            List<Val> operands =
                    new ArrayList<>(
                            List.of(
                                    layer.gates(all, 0, 1),
                                    layer.gates(all, FORGET, 1),
                                    layer.gates(all, CELL, 1)));
            if (memory.isPresent()) {
                operands.add(memory.get());
                peepholes.ifPresent(
                        each -> {
                            operands.add(peephole(each, 0));
                            operands.add(peephole(each, FORGET));
                        });
            }
            return layer.map(operands, this::remembered);
        }

        private Expr remembered(List<Expr> x) {
            boolean peeps = x.size() == 6;
            Expr input = peeps ? Terms.add(x.get(0), Terms.mul(x.get(4), x.get(3))) : x.get(0);
            Expr i = f.apply(input);
            Expr fresh = Terms.mul(i, g.apply(x.get(2)));
            if (x.size() == 3) {
                return fresh;
            }
            Expr forget = peeps ? Terms.add(x.get(1), Terms.mul(x.get(5), x.get(3))) : x.get(1);
            Expr share = coupled ? Terms.sub(Exprs.f32(1), i) : f.apply(forget);
            return Terms.add(Terms.mul(share, x.get(3)), fresh);
        }

        private Val peephole(Val all, int gate) {
            View view = layer.builder.view(all);
            int offset =
                    view.offset()
                            + direction * view.strides().get(0)
                            + gate * layer.hidden * view.strides().get(1);
            return layer.builder.viewed(
                    all,
                    new int[] {layer.hidden},
                    Rows.NONE,
                    new View(view.value(), offset, List.of(view.strides().get(1))));
        }
    }
}
