package dev.millrace.gpu.lowering;

import java.util.List;

/** Recurrent layers, unrolled over time. */
final class RecurrentOps {
    private RecurrentOps() {}

    static void register(Operators operators) {
        operators.standard(
                "RNN",
                node -> {
                    RecurrentLayer layer = new RecurrentLayer(node, 1, -1);
                    Activations activations =
                            Activations.of(node, List.of("Tanh"), layer.directions());
                    layer.run(direction -> new PlainCell(layer, direction, activations));
                });
        operators.standard(
                "GRU",
                node -> {
                    boolean linear = node.integer("linear_before_reset", 0) != 0;
                    RecurrentLayer layer = new RecurrentLayer(node, 3, linear ? 2 : -1);
                    Activations activations =
                            Activations.of(node, List.of("Sigmoid", "Tanh"), layer.directions());
                    layer.run(direction -> new GatedCell(layer, direction, activations, linear));
                });
        operators.standard(
                "LSTM",
                node -> {
                    RecurrentLayer layer = new RecurrentLayer(node, 4, -1);
                    Activations activations =
                            Activations.of(
                                    node, List.of("Sigmoid", "Tanh", "Tanh"), layer.directions());
                    LongShortMemory memory = new LongShortMemory(node, layer, activations);
                    layer.run(memory::cell);
                    memory.giveOutput();
                });
    }
}
