package dev.millrace.cli;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.inspection.Finding;
import dev.millrace.gpu.inspection.ModelCheck;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Proves on this machine that engines keep their promises about a model. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        header = "Prove that a model's scores do not depend on the micro-batch or the engine.",
        description = {
            "Scores random records one by one, then in micro-batches of many sizes, in another"
                    + " order and beside neighbours with NaN and infinities, on every engine that"
                    + " covers the model, and compares the engines. Exit code 1 if an engine breaks"
                    + " what its exactness promises.",
            ""
        },
        sortOptions = false)
final class ModelCheckCommand implements Callable<Integer> {
    @Mixin private ModelArguments model;

    @Option(
            names = "--max-batch-size",
            paramLabel = "RECORDS",
            defaultValue = "512",
            description = "The largest micro-batch. Default: ${DEFAULT-VALUE}")
    private int maxBatchSize;

    @Option(
            names = "--seed",
            paramLabel = "NUMBER",
            defaultValue = "1",
            description = "Seed of the random records. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Numbers.requireAtLeastOne(spec, "--max-batch-size", maxBatchSize);
        PrintWriter out = spec.commandLine().getOut();
        List<Finding> findings;
        try {
            findings = ModelCheck.check(model.artifact(), model.options(maxBatchSize, 1), seed);
        } catch (EngineException e) {
            throw ModelArguments.failure(e);
        }
        TextTable table = new TextTable("llll");
        for (Finding finding : findings) {
            table.row(word(finding.verdict()), finding.engine(), finding.check(), finding.detail());
        }
        table.print(out);
        long broken = findings.stream().filter(f -> f.verdict() == Finding.Verdict.BROKEN).count();
        long kept = findings.stream().filter(f -> f.verdict() == Finding.Verdict.KEPT).count();
        out.printf("%d promises kept, %d broken (seed %d)%n", kept, broken, seed);
        out.flush();
        return broken == 0 ? 0 : 1;
    }

    private static String word(Finding.Verdict verdict) {
        return switch (verdict) {
            case KEPT -> "ok";
            case BROKEN -> "BROKEN";
            case SEEN -> "note";
        };
    }
}
