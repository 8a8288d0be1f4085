package dev.millrace.gpu.cpu;

import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.interpreter.PreparedPlan;
import dev.millrace.gpu.interpreter.RowBuffers;
import dev.millrace.gpu.model.Plan;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores rows with one model on one or several threads, to the same bits: the arithmetic under
 * {@link CpuEngine}, and the twin that another backend falls back to. Allocates everything when
 * made; scoring allocates nothing. One thread at a time calls it, and takes part in the work.
 */
public final class CpuScorer implements AutoCloseable {
    /** Fewer rows than this are not worth waking a thread for. */
    static final int FEWEST_ROWS = 64;

    private final PlanInterpreter own;
    private final List<RowWorker> workers = new ArrayList<>();

    private CpuScorer(PlanInterpreter own) {
        this.own = own;
    }

    /**
     * Makes a scorer with scratch memory and threads of its own.
     *
     * @param name for the names of threads
     * @param plan prepared by {@link #prepare}; scorers of the same one share its weights
     * @param maxRows the most rows of one call
     * @param threads threads that score one call's rows, the caller's included
     */
    public static CpuScorer open(String name, PreparedPlan plan, int maxRows, int threads) {
        CpuScorer scorer = new CpuScorer(plan.interpreter(maxRows));
        try {
            int useful = Math.min(threads, (maxRows + FEWEST_ROWS - 1) / FEWEST_ROWS);
            for (int i = 1; i < useful; i++) {
                scorer.workers.add(new RowWorker(name + "-" + i, plan.interpreter(maxRows)));
            }
            return scorer;
        } catch (RuntimeException | Error e) {
            scorer.close();
            throw e;
        }
    }

    /** A plan with this package's kernels, the Vector API's where the JVM has it. */
    public static PreparedPlan prepare(Plan plan) {
        return prepare(plan, DenseLayers.best());
    }

    static PreparedPlan prepare(Plan plan, DenseLayers layers) {
        return new PreparedPlan(plan, new FastKernels(layers));
    }

    /** Scores the first {@code rows} rows. Returns the first row at fault, or -1. */
    public int score(RowBuffers buffers, int rows) {
        int parts = Math.min(workers.size() + 1, (rows + FEWEST_ROWS - 1) / FEWEST_ROWS);
        if (parts == 1) {
            return own.run(buffers, 0, rows);
        }
        // Whole multiples, so that only the last part has a short end.
        int part = ((rows + parts - 1) / parts + FEWEST_ROWS - 1) / FEWEST_ROWS * FEWEST_ROWS;
        int begun = 0;
        for (int first = part; first < rows; first += part) {
            workers.get(begun++).begin(buffers, first, Math.min(part, rows - first));
        }
        int fault;
        try {
            fault = own.run(buffers, 0, part);
        } finally {
            for (int i = 0; i < begun; i++) {
                workers.get(i).await();
            }
        }
        for (int i = 0; i < begun && fault < 0; i++) {
            fault = workers.get(i).fault();
        }
        return fault;
    }

    @Override
    public void close() {
        workers.forEach(RowWorker::close);
        workers.clear();
    }
}
