package dev.millrace.schema.feature;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes the steps of a plan, joins neighbouring ones and resolves labels. Compile time only. */
final class ProgramBuilder {
    private static final int NOWHERE = -1;

    private int[] code = new int[64];
    private int size;
    private int lastStep = NOWHERE;
    private final List<Integer> labels = new ArrayList<>();
    private final List<Integer> references = new ArrayList<>();
    private final Map<Integer, String> paths = new HashMap<>();
    private final Deque<Runnable> subprograms = new ArrayDeque<>();

    int newLabel() {
        labels.add(NOWHERE);
        return labels.size() - 1;
    }

    void place(int label) {
        labels.set(label, size);
        lastStep = NOWHERE;
    }

    /** Writes a step; joins it to the one before where both are one run of bytes. */
    void step(String path, int op, int... operands) {
        if (lastStep != NOWHERE && join(op, operands)) {
            return;
        }
        lastStep = size;
        paths.put(size, path);
        append(op);
        for (int operand : operands) {
            append(operand);
        }
    }

    /** Adds the address of a label as the last step's next operand. */
    void reference(int label) {
        references.add(size);
        append(label);
        lastStep = NOWHERE;
    }

    /** Has a program written behind the current one; its address is the label. */
    int subprogram(Runnable body) {
        int label = newLabel();
        subprogram(label, body);
        return label;
    }

    void subprogram(int label, Runnable body) {
        subprograms.add(
                () -> {
                    place(label);
                    body.run();
                    step("", Op.END);
                });
    }

    /** Ends the main program, writes the subprograms and puts addresses for labels. */
    int[] finish() {
        step("", Op.END);
        while (!subprograms.isEmpty()) {
            subprograms.remove().run();
        }
        for (int reference : references) {
            code[reference] = labels.get(code[reference]);
        }
        references.clear();
        return Arrays.copyOf(code, size);
    }

    int address(int label) {
        return labels.get(label);
    }

    String[] paths() {
        String[] byStep = new String[size];
        paths.forEach((step, path) -> byStep[step] = path);
        return byStep;
    }

    private boolean join(int op, int[] operands) {
        if (code[lastStep] != op) {
            return false;
        }
        if (op == Op.SKIP_FIXED) {
            code[lastStep + 1] = Math.addExact(code[lastStep + 1], operands[0]);
            return true;
        }
        if (op == Op.COPY) {
            return joinRun(operands, 1, code[lastStep + 4] == operands[3]);
        }
        return op == Op.DOUBLES_TO_FLOATS && joinRun(operands, Float.BYTES, true);
    }

    private boolean joinRun(int[] operands, int bytesPerUnit, boolean alike) {
        int end = code[lastStep + 2] + code[lastStep + 3] * bytesPerUnit;
        if (!alike || code[lastStep + 1] != operands[0] || end != operands[1]) {
            return false;
        }
        code[lastStep + 3] += operands[2];
        return true;
    }

    private void append(int value) {
        if (size == code.length) {
            code = Arrays.copyOf(code, size * 2);
        }
        code[size++] = value;
    }
}
