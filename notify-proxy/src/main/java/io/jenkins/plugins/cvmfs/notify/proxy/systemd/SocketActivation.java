package io.jenkins.plugins.cvmfs.notify.proxy.systemd;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/** The listening socket that systemd passes to the process; it queues connections while there is no process. */
public final class SocketActivation {

    private static final int FIRST = 3;
    private static final int NON_BLOCKING = 04000;

    private SocketActivation() {}

    /**
     * Returns the socket's file descriptor; empty if this process was passed none.
     *
     * @param environment {@code LISTEN_PID} and {@code LISTEN_FDS}; ignored if meant for another process
     * @param pid this process
     * @throws InvalidInputException if there are several sockets, or the socket cannot be used
     */
    public static OptionalInt socket(Map<String, String> environment, long pid) {
        if (!environment.getOrDefault("LISTEN_PID", "").equals(String.valueOf(pid))) {
            return OptionalInt.empty();
        }
        String sockets = environment.getOrDefault("LISTEN_FDS", "");
        if (!sockets.equals("1")) {
            throw new InvalidInputException(
                    "systemd passed %s sockets (LISTEN_FDS), and the service can listen on one: give its socket unit a single ListenStream"
                            .formatted(sockets));
        }
        requireNonBlocking(Path.of("/proc/self/fdinfo", String.valueOf(FIRST)));
        return OptionalInt.of(FIRST);
    }

    /** Accepting on a blocking socket would stop the event loop, and with it every connection on it. */
    private static void requireNonBlocking(Path description) {
        try {
            boolean nonBlocking = Files.readString(description)
                    .lines()
                    .filter(line -> line.startsWith("flags:"))
                    .mapToInt(line ->
                            Integer.parseInt(line.substring("flags:".length()).strip(), 8))
                    .anyMatch(flags -> (flags & NON_BLOCKING) != 0);
            if (!nonBlocking) {
                throw new InvalidInputException(
                        "the socket passed by systemd is blocking: set NonBlocking=yes in the service's unit");
            }
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the socket passed by systemd (LISTEN_FDS) does not exist: cannot read " + e.getMessage(), e);
        }
    }
}
