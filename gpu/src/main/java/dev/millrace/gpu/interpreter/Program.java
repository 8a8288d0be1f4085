package dev.millrace.gpu.interpreter;

import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * An expression ready to be evaluated for blocks of points: one lane per distinct subexpression,
 * operands first. Both branches of a selection are evaluated; a load that lies outside its value
 * reads 0 there, and is not selected.
 */
final class Program {
    private record Entry(Expr expr, Lane lane, List<Lane> operands) {}

    private final List<Entry> entries = new ArrayList<>();
    private final IdentityHashMap<Expr, Lane> lanes = new IdentityHashMap<>();
    private final Memory[] inputs;
    private final int points;
    private final Lane result;

    /**
     * @param inputs the memory behind each input of the step
     * @param points most points of a block
     */
    Program(Expr expr, Memory[] inputs, int points) {
        this.inputs = inputs;
        this.points = points;
        this.result = compile(expr);
    }

    private Lane compile(Expr expr) {
        Lane known = lanes.get(expr);
        if (known != null) {
            return known;
        }
        List<Lane> operands = new ArrayList<>();
        for (Expr operand : Exprs.operands(expr)) {
            operands.add(compile(operand));
        }
        Lane lane = new Lane(expr.kind(), points);
        lanes.put(expr, lane);
        if (expr instanceof Expr.Constant constant) {
            Arrays.fill(lane.floats, constant.asFloat());
            Arrays.fill(lane.doubles, constant.asDouble());
            Arrays.fill(lane.longs, constant.bits());
            return lane;
        }
        entries.add(new Entry(expr, lane, operands));
        return lane;
    }

    /** Evaluates a block; the result stays valid until the next one. */
    Lane evaluate(Block block) {
        for (Entry entry : entries) {
            evaluate(entry, block);
        }
        return result;
    }

    private void evaluate(Entry entry, Block block) {
        Expr expr = entry.expr();
        if (expr instanceof Expr.Load load) {
            load(load.input(), block, entry.lane());
        } else if (expr instanceof Expr.LoadAt at) {
            loadAt(at, entry, block);
        } else if (expr instanceof Expr.Unary unary) {
            unary(unary, entry, block.count);
        } else if (expr instanceof Expr.Binary binary) {
            binary(binary, entry, block.count);
        } else if (expr instanceof Expr.FusedMultiplyAdd) {
            fusedMultiplyAdd(entry, block.count);
        } else if (expr instanceof Expr.Select) {
            select(entry, block.count);
        } else if (expr instanceof Expr.Guarded guarded) {
            guarded(guarded, entry, block);
        } else if (expr instanceof Expr.Convert convert) {
            convert(convert, entry, block.count);
        } else if (expr instanceof Expr.Narrow narrow) {
            narrow(narrow, entry, block.count);
        } else if (expr instanceof Expr.CheckedIndex checked) {
            check(checked, entry, block);
        } else if (expr instanceof Expr.Search search) {
            search(search, entry, block);
        } else if (expr instanceof Expr.Accumulated) {
            copy(block.accumulated, entry.lane(), block.count);
        }
    }

    private static void copy(Lane from, Lane to, int count) {
        switch (to.kind) {
            case F32 -> System.arraycopy(from.floats, 0, to.floats, 0, count);
            case F64 -> System.arraycopy(from.doubles, 0, to.doubles, 0, count);
            case I64 -> System.arraycopy(from.longs, 0, to.longs, 0, count);
        }
    }

    private void load(int input, Block block, Lane lane) {
        Memory memory = inputs[input];
        int first = block.position(input);
        boolean inside = first >= 0 && first + block.count <= memory.elements();
        if (lane.kind == ScalarKind.F32 && block.isContiguous(input) && inside) {
            System.arraycopy(memory.floats, first, lane.floats, 0, block.count);
            return;
        }
        load(memory, block.positions(input), block.count, lane);
    }

    private static void load(Memory memory, int[] positions, int count, Lane lane) {
        int limit = memory.elements();
        for (int i = 0; i < count; i++) {
            int position = positions[i];
            boolean outside = position < 0 || position >= limit;
            switch (lane.kind) {
                case F32 -> lane.floats[i] = outside ? 0 : memory.floats[position];
                case F64 -> lane.doubles[i] = outside ? 0 : memory.doubles[position];
                case I64 -> lane.longs[i] = outside ? 0 : memory.longs[position];
            }
        }
    }

    private void loadAt(Expr.LoadAt at, Entry entry, Block block) {
        int[] positions = block.scratch;
        int[] bases = block.positions(at.input());
        long[] offsets = entry.operands().get(0).longs;
        for (int i = 0; i < block.count; i++) {
            long position = bases[i] + offsets[i];
            positions[i] = position == (int) position ? (int) position : -1;
        }
        load(inputs[at.input()], positions, block.count, entry.lane());
    }

    private static void unary(Expr.Unary unary, Entry entry, int count) {
        Lane a = entry.operands().get(0);
        Lane out = entry.lane();
        if (out.kind != a.kind) {
            for (int i = 0; i < count; i++) {
                double value = a.kind == ScalarKind.F32 ? a.floats[i] : a.doubles[i];
                out.longs[i] = Scalars.test(unary.op(), value);
            }
            return;
        }
        switch (a.kind) {
            case F32 -> Scalars.unary(unary.op(), a.floats, out.floats, count);
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    out.doubles[i] = Scalars.unary(unary.op(), a.doubles[i]);
                }
            }
            case I64 -> {
                for (int i = 0; i < count; i++) {
                    out.longs[i] = Scalars.unary(unary.op(), a.longs[i]);
                }
            }
        }
    }

    private static void binary(Expr.Binary binary, Entry entry, int count) {
        Lane a = entry.operands().get(0);
        Lane b = entry.operands().get(1);
        Lane out = entry.lane();
        boolean compares = binary.op().compares();
        switch (a.kind) {
            case F32 -> {
                if (!compares) {
                    Scalars.binary(binary.op(), a.floats, b.floats, out.floats, count);
                    return;
                }
                for (int i = 0; i < count; i++) {
                    out.longs[i] = Scalars.compare(binary.op(), a.floats[i], b.floats[i]);
                }
            }
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    if (compares) {
                        out.longs[i] = Scalars.compare(binary.op(), a.doubles[i], b.doubles[i]);
                    } else {
                        out.doubles[i] = Scalars.binary(binary.op(), a.doubles[i], b.doubles[i]);
                    }
                }
            }
            case I64 -> {
                for (int i = 0; i < count; i++) {
                    out.longs[i] = Scalars.binary(binary.op(), a.longs[i], b.longs[i]);
                }
            }
        }
    }

    private static void fusedMultiplyAdd(Entry entry, int count) {
        Lane a = entry.operands().get(0);
        Lane b = entry.operands().get(1);
        Lane c = entry.operands().get(2);
        Lane out = entry.lane();
        for (int i = 0; i < count; i++) {
            switch (out.kind) {
                case F32 -> out.floats[i] = Math.fma(a.floats[i], b.floats[i], c.floats[i]);
                case F64 -> out.doubles[i] = Math.fma(a.doubles[i], b.doubles[i], c.doubles[i]);
                case I64 -> out.longs[i] = a.longs[i] * b.longs[i] + c.longs[i];
            }
        }
    }

    private static void select(Entry entry, int count) {
        Lane condition = entry.operands().get(0);
        Lane yes = entry.operands().get(1);
        Lane no = entry.operands().get(2);
        for (int i = 0; i < count; i++) {
            pick(condition.longs[i] != 0, yes, no, entry.lane(), i);
        }
    }

    private static void pick(boolean first, Lane yes, Lane no, Lane out, int i) {
        switch (out.kind) {
            case F32 -> out.floats[i] = first ? yes.floats[i] : no.floats[i];
            case F64 -> out.doubles[i] = first ? yes.doubles[i] : no.doubles[i];
            case I64 -> out.longs[i] = first ? yes.longs[i] : no.longs[i];
        }
    }

    private static void guarded(Expr.Guarded guarded, Entry entry, Block block) {
        Lane inside = entry.operands().get(0);
        Lane outside = entry.operands().get(1);
        int dimension = guarded.dimension();
        int coordinate = block.coordinate(dimension);
        int left = block.untilNextCoordinate(dimension);
        for (int i = 0; i < block.count; i++) {
            boolean within = coordinate >= guarded.from() && coordinate < guarded.to();
            pick(within, inside, outside, entry.lane(), i);
            if (--left == 0) {
                left = block.sameCoordinate(dimension);
                coordinate = block.nextCoordinate(coordinate, dimension);
            }
        }
    }

    private static void convert(Expr.Convert convert, Entry entry, int count) {
        Lane from = entry.operands().get(0);
        Lane to = entry.lane();
        for (int i = 0; i < count; i++) {
            switch (to.kind) {
                case F32 -> to.floats[i] = Conversion.toFloat(from, i, convert.unsigned());
                case F64 -> to.doubles[i] = Conversion.toDouble(from, i, convert.unsigned());
                case I64 -> to.longs[i] = Conversion.toLong(from, i);
            }
        }
    }

    private static void narrow(Expr.Narrow narrow, Entry entry, int count) {
        Lane from = entry.operands().get(0);
        Lane to = entry.lane();
        for (int i = 0; i < count; i++) {
            switch (to.kind) {
                case F32 -> to.floats[i] = Storage.narrow(narrow.type(), from.floats[i]);
                case F64 -> to.doubles[i] = from.doubles[i];
                case I64 -> to.longs[i] = Storage.narrow(narrow.type(), from.longs[i]);
            }
        }
    }

    private static void check(Expr.CheckedIndex checked, Entry entry, Block block) {
        long[] indices = entry.operands().get(0).longs;
        long[] out = entry.lane().longs;
        int size = checked.size();
        for (int i = 0; i < block.count; i++) {
            long index = indices[i] < 0 ? indices[i] + size : indices[i];
            boolean valid = index >= 0 && index < size;
            out[i] = valid ? index : 0;
            if (!valid) {
                block.fault(i);
            }
        }
    }

    private void search(Expr.Search search, Entry entry, Block block) {
        Lane key = entry.operands().get(0);
        Memory keys = inputs[search.input()];
        int[] positions = block.positions(search.input());
        for (int i = 0; i < block.count; i++) {
            int found =
                    switch (key.kind) {
                        case F32 ->
                                Conversion.search(
                                        keys.floats, positions[i], search.count(), key.floats[i]);
                        case F64 ->
                                Conversion.search(
                                        keys.doubles, positions[i], search.count(), key.doubles[i]);
                        case I64 ->
                                Conversion.search(
                                        keys.longs, positions[i], search.count(), key.longs[i]);
                    };
            entry.lane().longs[i] = found;
        }
    }
}
