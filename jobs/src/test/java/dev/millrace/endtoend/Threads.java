package dev.millrace.endtoend;

import java.util.Arrays;
import java.util.stream.Stream;

/** What the threads of this process are doing: where nothing else tells. */
final class Threads {
    private Threads() {}

    /** Whether any thread is in a call, for example {@code SomeClass.someMethod}. */
    static boolean anyIn(String call) {
        return Thread.getAllStackTraces().values().stream()
                .anyMatch(stack -> calls(stack).anyMatch(name -> name.endsWith("." + call)));
    }

    private static Stream<String> calls(StackTraceElement[] stack) {
        return Arrays.stream(stack).map(call -> call.getClassName() + "." + call.getMethodName());
    }
}
