package dev.millrace.local.demo;

/** Where cards and merchants are; the first ones most. */
final class Countries {
    private static final String[] CODES = {
        "DE", "FR", "ES", "IT", "NL", "PL", "AT", "BE", "PT", "CZ", "GB", "US", "TR", "TH", "BR"
    };
    static final int COUNT = CODES.length;

    private Countries() {}

    static int random(Randomness random) {
        double place = random.nextDouble();
        return (int) (place * place * CODES.length);
    }

    static String code(int country) {
        return CODES[country];
    }
}
