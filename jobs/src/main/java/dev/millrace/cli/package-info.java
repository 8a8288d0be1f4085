/**
 * The {@code millrace} command: reads what the user asked for, calls the packages that do it, and
 * says what came of it. Exit codes: 0 done, 1 failed, 2 wrong usage or a pipeline that is refused,
 * 3 more differences than {@code diff} was to allow. A user's error never prints a stack trace
 * unless {@code --verbose} asks for it.
 *
 * <p><b>Threads.</b> A command runs on the main thread; a signal may ask it to stop.
 *
 * <p><b>May import:</b> everything but a backend of {@code gpu}.
 */
package dev.millrace.cli;
