package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Programs of this machine, and the packages that the tests may install. */
public final class Programs {

    private static final String INSTALL_PROPERTY = "cvmfs.notify.test.install";
    private static final Path INSTALL_LOCK = Path.of(System.getProperty("java.io.tmpdir"), "cvmfs-notify-test.lock");

    private Programs() {}

    /** Searches {@code PATH} and the system folders that an ordinary user's {@code PATH} often lacks. */
    public static Optional<Path> find(String name) {
        String folders = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin";
        return Arrays.stream(folders.split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Finds a program, or installs the distribution's package of that name: as root, if the run allows it by
     * {@code -Dcvmfs.notify.test.install} or {@code CI=true}. Services that a package brings are not started.
     *
     * @param search finds the program once the package is installed
     * @throws UnavailableException if the program is missing; says which package would be installed, and how
     */
    public static Path findOrInstall(String name, Supplier<Optional<Path>> search) throws UnavailableException {
        Optional<Path> found = search.get();
        if (found.isEmpty()) {
            install(name, search);
            found = search.get();
        }
        return found.orElseThrow(() -> new UnavailableException("the package " + name + " has no program " + name));
    }

    private static void install(String name, Supplier<Optional<Path>> search) throws UnavailableException {
        String tool = Stream.of("apt-get", "dnf", "yum")
                .filter(candidate -> find(candidate).isPresent())
                .findFirst()
                .orElseThrow(() -> new UnavailableException(
                        name + " is missing, and there is no apt-get, dnf or yum to install it"));
        String command = tool + " install " + name;
        if (!isInstallAllowed()) {
            throw new UnavailableException("%s is missing; as root, -D%s or CI=true lets the tests run '%s'"
                    .formatted(name, INSTALL_PROPERTY, command));
        }
        if (!System.getProperty("user.name").equals("root")) {
            throw new UnavailableException(name + " is missing, and only root can run '" + command + "'");
        }
        // Test JVMs run side by side, and a package manager runs once at a time.
        try (FileChannel file = FileChannel.open(INSTALL_LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.lock()) {
            if (lock.isValid() && search.get().isEmpty()) {
                announce("Tests run '" + command + "'");
                if (tool.equals("apt-get")) {
                    withoutStartingServices(() -> installWithApt(name));
                } else {
                    run(List.of(tool, "-q", "-y", "install", name));
                }
            }
        } catch (IOException | IllegalStateException e) {
            throw new UnavailableException(
                    "%s is missing, and '%s' failed: %s".formatted(name, command, e.getMessage()));
        }
    }

    private static boolean isInstallAllowed() {
        String property = System.getProperty(INSTALL_PROPERTY, "false");
        return !property.equals("false") || "true".equals(System.getenv("CI"));
    }

    private static void installWithApt(String name) {
        Map<String, String> quiet = Map.of("DEBIAN_FRONTEND", "noninteractive");
        run(List.of("apt-get", "-q", "update"), quiet);
        run(List.of("apt-get", "-q", "-y", "--no-install-recommends", "install", name), quiet);
    }

    /** Debian's packages ask {@code policy-rc.d} before they start a service; 101 denies it. Other packages start none. */
    private static void withoutStartingServices(Runnable installation) throws IOException {
        Path policy = Path.of("/usr/sbin/policy-rc.d");
        boolean isOurs = !Files.exists(policy);
        if (isOurs) {
            Files.writeString(policy, "#!/bin/sh\nexit 101\n");
            Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        try {
            installation.run();
        } finally {
            if (isOurs) {
                Files.delete(policy);
            }
        }
    }

    /** Prints a line to the console, past the log. */
    @SuppressWarnings("SystemOut")
    public static void announce(String line) {
        System.err.println(line);
    }

    /**
     * Runs a program to its end and returns what it printed.
     *
     * @throws IllegalStateException with the output if the exit status is not 0
     */
    public static String run(List<String> command) {
        return run(command, Map.of());
    }

    /** {@link #run(List)} with additional environment variables. */
    public static String run(List<String> command, Map<String, String> environment) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " ended with " + process.exitValue() + ":\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command, e);
        }
    }
}
