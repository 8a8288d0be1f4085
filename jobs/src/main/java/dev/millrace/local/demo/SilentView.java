package dev.millrace.local.demo;

/** Shows nothing. */
final class SilentView implements DemoView {
    private static final long SELDOM_MS = 60_000;

    @Override
    public void say(String line) {}

    @Override
    public void show(DemoStatus status) {}

    @Override
    public long intervalMs() {
        return SELDOM_MS;
    }

    @Override
    public void close() {}
}
