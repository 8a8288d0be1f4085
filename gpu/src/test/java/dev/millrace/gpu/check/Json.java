package dev.millrace.gpu.check;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes maps, lists, texts, numbers and booleans: the kit has no library for it. */
final class Json {
    private Json() {}

    static String text(Object value) {
        StringBuilder json = new StringBuilder();
        write(json, value, "\n");
        return json.append('\n').toString();
    }

    private static void write(StringBuilder json, Object value, String line) {
        if (value instanceof Map<?, ?> map) {
            map(json, map, line);
        } else if (value instanceof List<?> list) {
            list(json, list, line);
        } else if (value instanceof Double number) {
            json.append(
                    Double.isFinite(number) ? String.format(Locale.ROOT, "%.6g", number) : "null");
        } else if (value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else {
            text(json, String.valueOf(value));
        }
    }

    private static void map(StringBuilder json, Map<?, ?> map, String line) {
        json.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            json.append(separator).append(line).append("  ");
            text(json, String.valueOf(entry.getKey()));
            json.append(": ");
            write(json, entry.getValue(), line + "  ");
            separator = ",";
        }
        json.append(line).append('}');
    }

    private static void list(StringBuilder json, List<?> list, String line) {
        json.append('[');
        String separator = "";
        for (Object element : list) {
            json.append(separator).append(line).append("  ");
            write(json, element, line + "  ");
            separator = ",";
        }
        json.append(line).append(']');
    }

    private static void text(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
