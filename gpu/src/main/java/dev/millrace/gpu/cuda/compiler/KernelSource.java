package dev.millrace.gpu.cuda.compiler;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A program for the device: the text and the headers it includes.
 *
 * @param text CUDA C++
 * @param headers text by the name it is included by
 */
public record KernelSource(String text, Map<String, String> headers) {
    /**
     * fp32 as written: no contraction into fused multiply-adds, no flush to zero, IEEE division and
     * square root. Fused multiply-adds are explicit in the source.
     */
    public static final List<String> EXACT_OPTIONS =
            List.of(
                    "--std=c++17",
                    "--fmad=false",
                    "--ftz=false",
                    "--prec-div=true",
                    "--prec-sqrt=true");

    public KernelSource {
        headers = Map.copyOf(headers);
    }

    /** Everything that decides what a compiler makes of it, as one text. */
    String fingerprintText() {
        StringBuilder all = new StringBuilder(String.join(" ", EXACT_OPTIONS)).append('\0');
        new TreeMap<>(headers)
                .forEach(
                        (name, header) ->
                                all.append(name).append('\0').append(header).append('\0'));
        return all.append(text).toString();
    }
}
