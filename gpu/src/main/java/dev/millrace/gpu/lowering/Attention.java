package dev.millrace.gpu.lowering;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.UnaryOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The operator Attention: softmax(queries x keys * scale + bias) x values, head by head. Between
 * input and output everything is single precision.
 */
final class Attention {
    private static final int AFTER_CAP = 1;
    private static final int AFTER_BIAS = 2;
    private static final int AFTER_SOFTMAX = 3;

    private final NodeContext node;
    private final Builder builder;
    private final boolean flat;
    private final ElementType type;
    private Val queries;
    private Val keys;
    private Val values;
    private final float scale;
    private final float cap;
    private final int wantedScores;

    private Attention(NodeContext node) {
        this.node = node;
        builder = node.builder();
        Val q = node.input(0);
        Val k = node.input(1);
        Val v = node.input(2);
        type = q.type;
        Refusal.unless(
                q.kind() == ScalarKind.F32 && k.type == type && v.type == type,
                "attention of %s, %s and %s is not covered",
                q,
                k,
                v);
        // Where every step rounds to 8 bits, the order of the sums decides the result.
        Refusal.unless(type != ElementType.BFLOAT16, "attention in bfloat16 is not covered");
        flat = q.rank() == 3;
        Refusal.unless(
                (flat || q.rank() == 4) && k.rank() == q.rank() && v.rank() == q.rank(),
                "attention of %s, %s and %s is not covered",
                q,
                k,
                v);
        int queryHeads = Math.toIntExact(node.integer("q_num_heads", flat ? 0 : q.shape[1]));
        int keyHeads = Math.toIntExact(node.integer("kv_num_heads", flat ? 0 : k.shape[1]));
        queries = flat ? Heads.apart(builder, q, queryHeads) : q;
        keys = flat ? Heads.apart(builder, k, keyHeads) : k;
        values = flat ? Heads.apart(builder, v, keyHeads) : v;
        scale = node.real("scale", (float) (1 / Math.sqrt(queries.shape[3])));
        cap = node.real("softcap", 0);
        wantedScores = Math.toIntExact(node.integer("qk_matmul_output_mode", 0));
        Refusal.unless(
                wantedScores >= 0 && wantedScores <= AFTER_SOFTMAX,
                "qk_matmul_output_mode %d is not known",
                wantedScores);
        long precision = node.integer("softmax_precision", 1);
        Refusal.unless(
                precision == 1 || precision == 10 || precision == 11 || precision == 16,
                "softmax_precision %d is not known",
                precision);
    }

    static void lower(NodeContext node) {
        new Attention(node).lower();
    }

    private void lower() {
        int before = takeCache();
        int groups = keys.shape[1];
        Val q = Heads.grouped(builder, queries, groups);
        Val k = Heads.grouped(builder, keys, groups);
        Val v = Heads.grouped(builder, values, groups);
        Rows.spared(q, 3, 4);
        Rows.spared(k, 3, 4);
        Rows.spared(v, 3, 4);
        AttentionBias limits =
                new AttentionBias(
                        builder,
                        q.shape[3],
                        k.shape[3],
                        before,
                        node.optional(6),
                        node.flag("is_causal", false),
                        node.integer("left_window_size", -1),
                        node.integer("right_window_size", -1));
        Optional<Val> bias = limits.with(mask(k.shape[3], groups));
        bias.ifPresent(builder::view);
        Val weights = softmax(scores(q, k, bias), limits.blind(bias));
        giveScores(AFTER_SOFTMAX, weights);
        Val result =
                Matrices.product(builder, ElementType.FLOAT32, weights, v, false, Optional.empty());
        Val rounded = rounded(result);
        node.output(
                0,
                flat ? Heads.together(builder, type, rounded) : Heads.ungrouped(builder, rounded));
    }

    /** Puts keys and values after those of earlier positions; how many these are. */
    private int takeCache() {
        int before = 0;
        Optional<Val> pastKeys = node.optional(4);
        Optional<Val> pastValues = node.optional(5);
        Refusal.unless(
                pastKeys.isPresent() == pastValues.isPresent(),
                "past keys and past values go together");
        if (pastKeys.isPresent()) {
            before = pastKeys.get().shape[2];
            keys = Heads.joined(builder, pastKeys.get(), keys, 2);
            values = Heads.joined(builder, pastValues.get(), values, 2);
        }
        node.output(1, keys);
        node.output(2, values);
        return before;
    }

    private Optional<Val> mask(int total, int groups) {
        if (!node.has(3)) {
            return Optional.empty();
        }
        Val mask = node.input(3);
        Refusal.unless(
                mask.rank() > 0 && mask.rank() <= 4, "a mask of shape %s is not covered", mask);
        Refusal.unless(
                mask.type == ElementType.BOOL || mask.kind() == ScalarKind.F32,
                "a mask of type %s is not covered",
                mask.type);
        int last = mask.rank() - 1;
        int missing = mask.shape[last] == 1 ? 0 : total - mask.shape[last];
        if (missing > 0) {
            Expr unseen =
                    mask.type == ElementType.BOOL
                            ? Exprs.i64(0)
                            : Exprs.f32(Float.NEGATIVE_INFINITY);
            mask = Padding.pad(builder, mask, last, new int[1], new int[] {missing}, unseen);
        }
        return Optional.of(Heads.grouped(builder, Heads.ofRank(builder, mask, 4), groups));
    }

    /** Products of queries and keys, scaled, capped and biased. */
    private Val scores(Val q, Val k, Optional<Val> bias) {
        Val turned = Matrices.transposed(k, builder);
        Val products =
                Matrices.product(builder, ElementType.FLOAT32, q, turned, false, Optional.empty());
        Val scaled = map(List.of(products), x -> Terms.mul(x.get(0), Exprs.f32(scale)));
        giveScores(0, scaled);
        Val capped = scaled;
        if (cap > 0) {
            capped = map(List.of(scaled), x -> capped(x.get(0)));
        }
        giveScores(AFTER_CAP, capped);
        Val biased = capped;
        if (bias.isPresent()) {
            biased = map(List.of(capped, bias.get()), x -> Terms.add(x.get(0), x.get(1)));
        }
        giveScores(AFTER_BIAS, biased);
        return biased;
    }

    private Expr capped(Expr score) {
        Expr ratio = Terms.div(score, Exprs.f32(cap));
        return Terms.mul(Terms.unary(UnaryOp.TANH, ratio), Exprs.f32(cap));
    }

    private void giveScores(int mode, Val scores) {
        if (mode == wantedScores && node.wants(3)) {
            builder.view(scores);
            node.output(3, Heads.ungrouped(builder, rounded(scores)));
        }
    }

    private Val softmax(Val scores, Optional<Val> blind) {
        builder.view(scores);
        Val most = Heads.alongLast(builder, scores, Step.Combine.MAX);
        builder.view(most);
        Val powers =
                map(
                        List.of(scores, most),
                        x -> Terms.unary(UnaryOp.EXP, Terms.sub(x.get(0), x.get(1))));
        builder.view(powers);
        Val sum = Heads.alongLast(builder, powers, Step.Combine.SUM);
        builder.view(sum);
        List<Val> operands = new ArrayList<>(List.of(powers, sum));
        blind.ifPresent(
                each -> {
                    builder.view(each);
                    operands.add(each);
                });
        Val weights = map(operands, Attention::share);
        builder.view(weights);
        return weights;
    }

    /** A query that sees nothing attends to nothing. */
    private static Expr share(List<Expr> x) {
        Expr share = Terms.div(x.get(0), x.get(1));
        return x.size() == 2 ? share : Terms.select(x.get(2), Exprs.f32(0), share);
    }

    private Val map(List<Val> operands, Function<List<Expr>, Expr> body) {
        return builder.elementwise(ElementType.FLOAT32, operands, body);
    }

    private Val rounded(Val value) {
        return type == value.type
                ? value
                : builder.elementwise(type, List.of(value), x -> x.get(0));
    }
}
