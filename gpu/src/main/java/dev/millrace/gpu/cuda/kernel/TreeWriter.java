package dev.millrace.gpu.cuda.kernel;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Trees;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;

/**
 * Writes a tree ensemble for a tile of rows: the threads of a block share each row's trees, walk
 * several at once and add leaves as integers in shared memory.
 */
final class TreeWriter {
    /** Walks in flight per thread: each waits for memory at every level, so they overlap. */
    private static final int WALKS = 4;

    private final CodeText code;
    private final Plan plan;
    private final IntFunction<Location> locations;
    private final WorkLoop.Tile tile;
    private final ConstantTable constants;

    TreeWriter(
            CodeText code,
            Plan plan,
            IntFunction<Location> locations,
            WorkLoop.Tile tile,
            ConstantTable constants) {
        this.code = code;
        this.plan = plan;
        this.locations = locations;
        this.tile = tile;
        this.constants = constants;
    }

    /** Shared memory for a step's sums. */
    static int sumBytes(Step.TreeEnsemble step, int tileRows) {
        return Math.multiplyExact(Long.BYTES * tileRows, step.trees().targets());
    }

    /**
     * @param sumsOffset where in shared memory the sums lie
     */
    void write(Step.TreeEnsemble step, int sumsOffset) {
        Trees trees = step.trees();
        ElementType type = plan.value(step.input()).type();
        TreeTables tables =
                new TreeTables(
                        trees, trees.doubleFeatures() || ScalarKind.of(type) == ScalarKind.F64);
        int sums = trees.targets() * tile.tileRows();
        code.line("mr_i64* const sums = (mr_i64*)(shared + %d);", sumsOffset);
        code.line(
                "for (int i = threadIdx.x; i < %d; i += %d) sums[i] = %s;",
                sums, tile.threads(), identity(trees));
        code.line("__syncthreads();");
        walk(step, tables);
        code.line("__syncthreads();");
        store(step, tables);
    }

    private void walk(Step.TreeEnsemble step, TreeTables tables) {
        Trees trees = step.trees();
        int groups = tile.threads() / tile.tileRows();
        String node = tables.nodeType();
        code.open(
                "if ((int)threadIdx.x < %d && (int)threadIdx.x %% %d < live_rows)",
                groups * tile.tileRows(), tile.tileRows());
        code.line("const int lane_row = threadIdx.x %% %d;", tile.tileRows());
        code.line("const int row = first_tile_row + lane_row;");
        code.line("const %s::node* const nodes = (const %s::node*)%s;", node, node, table(tables));
        constant("const int* const roots", tables.roots());
        constant("const mr_i64* const weights", tables.weights());
        constant("const double* const members", tables.members());
        boolean one = tables.oneWeightPerLeaf();
        if (one) {
            code.line("mr_i64 sum = %s;", identity(trees));
        } else {
            constant("const int* const targets", tables.weightTargets());
        }
        code.open(
                "for (int tree = threadIdx.x / %d; tree < %d; tree += %d)",
                tile.tileRows(), trees.trees(), WALKS * groups);
        walkSeveral(step, node, groups);
        code.line("#pragma unroll");
        code.open("for (int j = 0; j < %d; j++)", WALKS);
        code.line("if (tree + j * %d >= %d) continue;", groups, trees.trees());
        addLeaf(trees, node, one);
        code.close();
        code.close();
        if (one) {
            code.line("%s(sums + lane_row, %s);", atomic(trees), atomicOperand("sum"));
        }
        code.close();
    }

    private void walkSeveral(Step.TreeEnsemble step, String node, int groups) {
        Access input = step.input();
        Location features = locations.apply(input.value());
        code.line("int root[%d];", WALKS);
        code.line("%s::node at[%d];", node, WALKS);
        code.line("#pragma unroll");
        code.open("for (int j = 0; j < %d; j++)", WALKS);
        code.line(
                "root[j] = roots[tree + j * %d < %d ? tree + j * %d : tree];",
                groups, step.trees().trees(), groups);
        code.line("at[j] = nodes[root[j]];");
        code.close();
        code.line(
                "mr_walk<%s, %s, %d>(nodes, root, %s, %s, %d, members, at);",
                node,
                Types.accessor(plan.value(input).type()),
                WALKS,
                features.base(),
                features.position(Integer.toString(input.offset())),
                input.strides().get(0) * features.elementStride());
    }

    private void addLeaf(Trees trees, String node, boolean one) {
        if (one) {
            String weight = "weights[" + node + "::start(at[j])]";
            code.line(
                    "sum = %s;",
                    switch (trees.aggregate()) {
                        case SUM, AVERAGE -> "sum + " + weight;
                        case MINIMUM -> "mr_min_i64(sum, " + weight + ")";
                        case MAXIMUM -> "mr_max_i64(sum, " + weight + ")";
                    });
            return;
        }
        code.open("for (int w = 0; w < %s::count(at[j]); w++)", node);
        code.line("const int weight = %s::start(at[j]) + w;", node);
        code.line(
                "%s(sums + targets[weight] * %d + lane_row, %s);",
                atomic(trees), tile.tileRows(), atomicOperand("weights[weight]"));
        code.close();
    }

    /** Sums wrap alike with and without a sign, but only unsigned 64-bit words add atomically. */
    private static String atomic(Trees trees) {
        return switch (trees.aggregate()) {
            case SUM, AVERAGE -> "mr_atomic_add";
            case MINIMUM -> "atomicMin";
            case MAXIMUM -> "atomicMax";
        };
    }

    private static String atomicOperand(String value) {
        return "(mr_i64)" + value;
    }

    private static String identity(Trees trees) {
        return switch (trees.aggregate()) {
            case SUM, AVERAGE -> "0";
            case MINIMUM -> "(mr_i64)0x7fffffffffffffffull";
            case MAXIMUM -> "(mr_i64)0x8000000000000000ull";
        };
    }

    private void store(Step.TreeEnsemble step, TreeTables tables) {
        Trees trees = step.trees();
        Access output = step.output();
        String point = tile.open(code, trees.targets(), false);
        constant("const mr_i64* const bases", tables.bases());
        code.line("mr_i64 total = sums[%s * %d + lane_row];", point, tile.tileRows());
        code.line("const mr_i64 base = bases[%s];", point);
        String scale = "mr_double(0x%xull)".formatted(Double.doubleToRawLongBits(trees.scale()));
        if (trees.aggregate() == Trees.Aggregate.AVERAGE) {
            code.line("double score = (double)total * %s / %d.0;", scale, trees.trees());
            code.line("score = score + (double)base * %s;", scale);
        } else {
            if (trees.aggregate() != Trees.Aggregate.SUM) {
                // No leaf spoke for the target.
                code.line("if (total == %s) total = 0;", identity(trees));
            }
            code.line("const double score = (double)mr_add_i64(total, base) * %s;", scale);
        }
        ElementType type = plan.value(output).type();
        Location location = locations.apply(output.value());
        String element = output.offset() + " + " + point + " * " + output.strides().get(0);
        code.line(
                "%s::put(%s, %s, (%s)score);",
                Types.accessor(type),
                location.base(),
                location.position(element),
                Types.scalar(ScalarKind.of(type)));
        tile.close(code);
    }

    private String table(TreeTables tables) {
        return new Location.Constant(constants.add(tables.nodes())).base();
    }

    /** Declares a pointer to a table in the constants. */
    private void constant(String declaration, ByteBuffer content) {
        String type = declaration.substring(0, declaration.lastIndexOf('*') + 1);
        code.line(
                "%s = (%s)%s;",
                declaration, type, new Location.Constant(constants.add(content)).base());
    }
}
