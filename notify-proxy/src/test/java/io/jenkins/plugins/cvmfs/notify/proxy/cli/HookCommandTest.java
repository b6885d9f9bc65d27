package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file of cvmfs_server's hooks, and a script that reads and calls them as cvmfs_server and cvmfs_publish do. */
class HookCommandTest {

    private static final String SERVER = "http://notify.example.org:4930/api/v1";

    /** It stops at the first command that fails; its own publish_after_hook does nothing. */
    private static final String CVMFS_SERVER = """
            set -e
            publish_before_hook() { :; }
            publish_after_hook() { :; }
            [ -f "$HOOKS" ] && . "$HOOKS"
            name=sw.example.org
            CVMFS_STRATUM0=http://localhost/cvmfs/$name
            publish_before_hook $name
            publish_after_hook $name
            echo published
            """;

    private static final String PROGRAM = """
            #!/bin/sh
            printf '%s\\n' "$@" > "${0%/*}/arguments.txt"
            cat > "${0%/*}/input.txt"
            exit $RESULT
            """;

    @TempDir
    Path folder;

    private Path hooks;

    @BeforeEach
    void program() throws IOException {
        hooks = folder.resolve("cvmfs_server_hooks.sh");
        ReadmeShell.program(folder, "notify-proxy", PROGRAM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sh", "bash"})
    void whatIsPublishedIsAnnounced(String shell) throws IOException, InterruptedException {
        CommandRun run = install("-u", SERVER, "--token-file", "/etc/cvmfs/notify.token");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("# " + hooks + " has got").contains(Files.readString(hooks));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(hooks)))
                .isEqualTo("rw-r--r--");
        assertThat(publish(shell, 0)).isEqualTo("published\n");
        assertThat(Files.readAllLines(folder.resolve("arguments.txt")))
                .containsExactly(
                        "publish",
                        "--server",
                        SERVER,
                        "--token-file",
                        "/etc/cvmfs/notify.token",
                        "--timeout",
                        "20s",
                        "--repository",
                        "http://localhost/cvmfs/sw.example.org");
        assertThat(folder.resolve("input.txt")).as("the input of cvmfs_server").isEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sh", "bash"})
    void aPublishSucceedsWhereItsAnnouncementFailsOrTheProgramIsGone(String shell)
            throws IOException, InterruptedException {
        install("-u", SERVER);

        assertThat(publish(shell, 9))
                .isEqualTo("The new revision of sw.example.org is published, but it was not announced\npublished\n");
        Files.delete(folder.resolve("notify-proxy"));
        assertThat(publish(shell, 0))
                .endsWith("The new revision of sw.example.org is published, but it was not announced\npublished\n");
    }

    @Test
    void aSecondTimeNothingChanges() throws IOException {
        install("-u", SERVER);
        String first = Files.readString(hooks);

        CommandRun again = install("-u", SERVER);

        assertThat(again.out()).startsWith("# " + hooks + " is unchanged");
        assertThat(hooks).hasContent(first);
    }

    @Test
    void anotherAddressReplacesTheFormerAndOtherHooksStay() throws IOException, InterruptedException {
        String others = """
                #!/bin/sh
                # publish_after_hook() is for cvmfs-notify
                publish_before_hook() {
                  echo "before $1"
                }""";
        Files.writeString(hooks, others);
        install("-u", SERVER);

        install("-u", "http://other.example.org:4930/api/v1");

        assertThat(hooks)
                .content()
                .startsWith(others)
                .contains("other.example.org")
                .doesNotContain(SERVER);
        assertThat(publish("sh", 0)).isEqualTo("before sw.example.org\npublished\n");
        assertThat(hook("uninstall").out()).contains("is removed");
        assertThat(hooks).hasContent(others);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "publish_after_hook() {\n  echo \"Published $1\"\n}\n",
                "  function publish_after_hook {\n  :\n}\n",
                "publish_after_hook ()\n{\n:; }\n"
            })
    void aFunctionOfTheSiteIsLeftAsItIsAndTheLinesToAddAreNamed(String foreign) throws IOException {
        Files.writeString(hooks, foreign);

        CommandRun run = install("-u", SERVER);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("has a function publish_after_hook already, which is left as it is")
                .contains("Add this to it:")
                .contains("publish --server " + SERVER)
                .contains("--repository \"$CVMFS_STRATUM0\"");
        assertThat(hooks).hasContent(foreign);
    }

    @Test
    void whatWasWrittenAndNothingElseIsRemovedWithItsFile() {
        assertThat(hook("uninstall").out()).contains("nothing to remove");
        install("-u", SERVER);

        CommandRun run = hook("uninstall");

        assertThat(run.exitCode()).isZero();
        assertThat(hooks).doesNotExist();
    }

    @Test
    void aFileThatWasEditedInTheMiddleOfItIsLeftToItsEditor() throws IOException {
        install("-u", SERVER);
        String damaged = Files.readString(hooks).replace("# cvmfs-notify: end\n", "");
        Files.writeString(hooks, damaged);

        for (CommandRun run : List.of(install("-u", SERVER), hook("uninstall"))) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("only a part of what this command writes");
        }

        assertThat(hooks).hasContent(damaged);
    }

    @Test
    void aDryRunWritesNothing() {
        CommandRun run = install("-u", SERVER, "--dry-run");

        assertThat(run.out()).startsWith("# " + hooks + " would get").contains("publish_after_hook() {");
        assertThat(hooks).doesNotExist();
    }

    @Test
    void aLinkAndThePermissionsOfItsFileAreKept() throws IOException {
        Path real = Files.writeString(folder.resolve("managed.sh"), "# managed\n");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwxr-x---"));
        Files.createSymbolicLink(hooks, real);

        install("-u", SERVER);

        assertThat(hooks).isSymbolicLink();
        assertThat(real).content().startsWith("# managed\n# cvmfs-notify: begin");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void wordsThatAShellWouldReadAreQuoted() throws IOException, InterruptedException {
        install("-u", SERVER, "--gateway-key", "/keys/it's $(touch x).gw");

        publish("sh", 0);

        assertThat(Files.readAllLines(folder.resolve("arguments.txt"))).contains("/keys/it's $(touch x).gw");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void aFolderThatIsMissingIsNamed() {
        hooks = folder.resolve("missing/hooks.sh");

        CommandRun run = install("-u", SERVER);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("cannot write " + hooks, "Is this user root");
    }

    private CommandRun install(String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "install";
        System.arraycopy(options, 0, arguments, 1, options.length);
        return hook(arguments);
    }

    private CommandRun hook(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "hook";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--file";
        all[arguments.length + 2] = hooks.toString();
        return CommandRun.of(all);
    }

    /** Returns both outputs of a publish, which must succeed. */
    private String publish(String shell, int resultOfTheProgram) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        Path input = Files.writeString(folder.resolve("stdin.txt"), "the input of cvmfs_server");
        ProcessBuilder builder = new ProcessBuilder(shell, "-c", CVMFS_SERVER)
                .directory(folder.toFile())
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "HOOKS",
                        hooks.toString(),
                        "RESULT",
                        String.valueOf(resultOfTheProgram),
                        "PATH",
                        folder + ":" + System.getenv("PATH")));
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }
}
