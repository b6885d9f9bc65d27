package io.jenkins.plugins.cvmfs.notify;

import com.sun.net.httpserver.HttpServer;
import hudson.FilePath;
import hudson.slaves.EnvironmentVariablesNodeProperty;
import hudson.tasks.Shell;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import jenkins.model.Jenkins;

/**
 * Stands in for the machines of a site: the built-in node has all their labels. The {@code sh} steps run as they are, by a shell for
 * which {@code /cvmfs} lies in a folder of the test; {@code cvmfs_server} and {@code reconstruct} are scripts in the path, and
 * what a pipeline expects in its workspace are scripts there. Publishing really publishes a revision of the sample repository;
 * there is one transaction at a time, as on a real publisher.
 */
final class CvmfsTools implements AutoCloseable {

    private static final String LABELS = "java17 cvmfs-publisher cvmfs-client reconstruction site-a site-b";

    private static final String CVMFS_SERVER = """
            state=%s
            echo "$*" >> "$state/commands"
            for name in "$@"; do :; done
            while [ -e "$state/hold-$1" ]; do sleep 0.1; done
            if [ -e "$state/fail-$1" ]; then echo "cvmfs_server $1 fails"; exit 1; fi
            case $1 in
              transaction)
                [ -d "%s/$name" ]
                if [ -e "$state/busy" ]; then echo "CernVM-FS transaction error: lease path busy"; exit 16; fi
                if [ -e "$state/open" ]; then echo "Repository $name is already in a transaction"; exit 1; fi
                touch "$state/open" ;;
              publish)
                if [ ! -e "$state/open" ]; then echo "Repository $name is not in a transaction"; exit 1; fi
                exec 3<>/dev/tcp/127.0.0.1/%d
                printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
                grep -q 204 <&3
                rm "$state/open" ;;
              abort)
                if [ ! -e "$state/open" ]; then echo "Repository $name is not in a transaction"; exit 1; fi
                rm "$state/open" ;;
              *) exit 1 ;;
            esac
            """;

    private final Path folder;
    private final HttpServer publisher;

    CvmfsTools(Path folder, Runnable publish) throws IOException {
        this.folder = folder;
        this.publisher = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        publisher.createContext("/", exchange -> {
            publish.run();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        publisher.start();
        Files.createDirectories(mounted(Site.REPOSITORY));
        script(
                "shell",
                "sed 's#/cvmfs/#%s/#g' \"${@: -1}\" > \"${@: -1}.here\"".formatted(mounted("")),
                "exec bash -xe \"${@: -1}.here\"");
        script("bin/reconstruct", "echo reconstruct \"$@\"");
        script(
                "bin/cvmfs_server",
                CVMFS_SERVER.formatted(folder, mounted(""), publisher.getAddress().getPort()));
    }

    /** What is under {@code /cvmfs}. */
    Path mounted(String path) {
        return folder.resolve("cvmfs").resolve(path);
    }

    private void script(String name, String... lines) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/usr/bin/env bash\nset -e\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    void install(Jenkins jenkins) throws IOException {
        install(jenkins, folder);
    }

    /** The same in a Jenkins of another process. */
    static void install(Jenkins jenkins, Path folder) throws IOException {
        jenkins.setLabelString(LABELS);
        jenkins.setNumExecutors(4);
        jenkins.getDescriptorByType(Shell.DescriptorImpl.class)
                .setShell(folder.resolve("shell").toString());
        jenkins.getGlobalNodeProperties()
                .add(new EnvironmentVariablesNodeProperty(
                        new EnvironmentVariablesNodeProperty.Entry(
                                "PATH+CVMFS", folder.resolve("bin").toString()),
                        new EnvironmentVariablesNodeProperty.Entry(
                                "PATH+JAVA",
                                Path.of(System.getProperty("java.home"), "bin").toString())));
    }

    /** As if the software were in the repository already. */
    void installSoftware() throws IOException {
        script("cvmfs/" + Site.REPOSITORY + "/bin/self-test", "echo self-test passed");
    }

    /** What the pipelines expect to be checked out. */
    void fillWorkspace(FilePath workspace) throws IOException, InterruptedException {
        script("workspace/build.sh", "echo \"echo self-test passed\" > self-test");
        script("workspace/install.sh", "install -D -m 755 self-test \"$1/bin/self-test\"");
        script(
                "workspace/.ci/run",
                "install -D '%s' notify-proxy/target/notify-proxy.jar"
                        .formatted(System.getProperty("notify-proxy.jar")),
                "mkdir -p src/plugin/target-central",
                "echo plugin > src/plugin/target-central/cvmfs-notify.hpi");
        new FilePath(folder.resolve("workspace").toFile()).copyRecursiveTo(workspace);
    }

    /** The commands that were given to {@code cvmfs_server}. */
    List<String> commands() throws IOException {
        Path file = folder.resolve("commands");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    boolean inTransaction() {
        return Files.exists(folder.resolve("open"));
    }

    /** Opens a transaction as another publisher would. */
    void openTransaction() throws IOException {
        Files.createFile(folder.resolve("open"));
    }

    /** This command, or whatever looks for the returned file, goes on when it is released. */
    Path hold(String command) throws IOException {
        return Files.createFile(folder.resolve("hold-" + command));
    }

    void release(String command) throws IOException {
        Files.delete(folder.resolve("hold-" + command));
    }

    void fail(String command) throws IOException {
        Files.createFile(folder.resolve("fail-" + command));
    }

    /** As if another publisher had the lease, or not any more. */
    void busy(boolean busy) throws IOException {
        if (busy) {
            Files.createFile(folder.resolve("busy"));
        } else {
            Files.delete(folder.resolve("busy"));
        }
    }

    @Override
    public void close() {
        publisher.stop(0);
    }
}
