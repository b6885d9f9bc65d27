package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code notify} as a script uses it that was written for {@code cvmfs_swissknife notify}. URL, REPO and the like are replaced. */
class NotifyCommandTest {

    private static final String NAME = "test.example.org";
    private static final String NOBODY = "http://127.0.0.1:1/api/v1";

    @TempDir
    static Path folder;

    private static SampleRepository repository;
    private static Path key;

    private LocalProxy proxy;

    @BeforeAll
    static void repositoryWithRevision1() throws IOException {
        repository = SampleRepository.create(
                folder.resolve("repository"), new RepositoryName(NAME), HashAlgorithm.SHA1, Clock.systemUTC());
        key = Files.writeString(folder.resolve("master.pub"), repository.masterKeyPem());
    }

    @BeforeEach
    void startProxy() throws IOException {
        proxy = LocalProxy.start();
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-p -u URL -r REPO",
                "-pv -u URL -r REPO",
                "-vp -u URL -r REPO",
                "-pu URL -r REPO",
                "-p -uURL -rREPO",
                "-p --server URL --repository REPO --verbose",
                "-pvuURL -rREPO",
                "-p -v -p -v -u URL -r REPO",
                "-p -u NOBODY -u URL -r REPO",
                "-p -u URL -r REPO -t",
                "-p -u URL -r REPO -t no/name -m many -c",
                "operand -p -u URL another -r REPO last",
                "-p -u URL -r REPO -- -x --unknown",
                "-p -u URL -r REPO operand --timeout 5s another --json last"
            })
    void itPublishesWithTheArgumentsOfTheReference(String arguments) throws IOException, InterruptedException {
        CommandRun run = run(arguments.endsWith("-t") ? arguments + " x" : arguments);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(proxy.describe(new RepositoryName(NAME)).body()).contains("\"revision\":1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-sf -u URL -t NAME -m 41",
                "-sfvm41 -uURL -tNAME",
                "-s -f -u URL -t other.example.org -t NAME",
                "-s -f -u URL -t NAME -m 7 -m 41",
                "-s -f --server URL --topic NAME --after 41",
                "-s -f -u URL -t NAME -r /no/such/folder operand",
                "-s -f -u URL -t NAME -m 41abc",
                "-s -f -u URL -t NAME -m abc",
                "-s -f -u URL -t NAME -m -1",
                "-s --verify off -u URL -t NAME",
                "-s --verify=if-key-known -u URL -t NAME"
            })
    void itSubscribesWithTheArgumentsOfTheReference(String arguments) throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = run(arguments + " --timeout 10s");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("test.example.org revision 42,").endsWith(", not verified\n");
    }

    @Test
    void aLimitThatIsNotANumberCountsAsItsLeadingDigitsWithANotice() throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = run("-sf -u URL -t NAME -m 42abc --timeout 2s");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).startsWith("notify-proxy: -m '42abc' is not a revision; taken as 42\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-s -u URL -t NAME", "-sc -u URL -t NAME", "-s -u URL -t NAME -m 41 -v"})
    void itDoesNotStartIfItCannotVerify(String arguments) throws IOException, InterruptedException {
        // Given an announcement that anybody may have made
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = run(arguments + " --key KEY");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("/etc/cvmfs/repositories.d/test.example.org/client.conf", "-f");
    }

    @Test
    void aSignedAnnouncementIsBelievedWithoutForce() throws IOException, InterruptedException {
        proxy.publish(ActivityMessage.announce(repository.manifestBytes(), Instant.EPOCH));

        CommandRun run = run("-s -u URL -t NAME --key KEY --from REPO");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("test.example.org revision 1,").endsWith(", verified\n");
    }

    @Test
    void forceDoesNotMakeAVerifiableForgeryBelieved() throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 999));

        CommandRun run = run("-sf -u URL -t NAME --key KEY --from REPO --timeout 2s");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-u URL -r REPO",
                "-ps -u URL -r REPO -t NAME",
                "-p -s -u URL -r REPO -t NAME",
                "-p -r REPO",
                "-s -t NAME",
                "-p -u URL",
                "-s -u URL",
                "-p -u",
                "-p -u URL -r REPO -x",
                "-px -u URL -r REPO",
                "-p -u URL -r REPO --no-such-option",
                "-sf -u URL -t no/name"
            })
    void wrongArgumentsAreExitCode1(String arguments) {
        CommandRun run = run(arguments);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("notify-proxy: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-p -u URL -r http://127.0.0.1:1/x = 6",
                "-p -u URL -r http:// = 6",
                "-p -u ::: -r http://127.0.0.1:1/x = 6",
                "-p -u URL -r NOTHING = 7",
                "-p -u ::: -r NOTHING = 7",
                "-p -u URL -r ftp://127.0.0.1/x = 7",
                "-p -u URL -r TEXT = 8",
                "-p -u NOBODY -r REPO --timeout 0 = 9",
                "-p -u ::: -r REPO = 9",
                "-p -u ftp://127.0.0.1/api/v1 -r REPO = 9",
                "-p -u ROOT/no/such/service -r REPO = 9",
                "-s -f -u ::: -t NAME = 1",
            })
    void failuresHaveTheExitCodesOfTheReference(String line) {
        String[] argumentsAndCode = line.split(" = ", 2);

        CommandRun run = run(argumentsAndCode[0]);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Integer.parseInt(argumentsAndCode[1]));
        assertThat(run.err()).startsWith("notify-proxy: ");
    }

    private CommandRun run(String arguments) {
        List<String> all = new ArrayList<>(List.of("notify"));
        for (String argument : arguments.isEmpty() ? new String[0] : arguments.split(" ")) {
            all.add(argument.replace("URL", proxy.server())
                    .replace("ROOT", proxy.server().replace("/api/v1", ""))
                    .replace("NOBODY", NOBODY)
                    .replace("REPO", repository.folder().toString())
                    .replace("NAME", NAME)
                    .replace("KEY", key.toString())
                    .replace("NOTHING", folder.resolve("nothing").toString())
                    .replace("TEXT", noManifest()));
        }
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static String noManifest() {
        try {
            return Files.writeString(folder.resolve("text"), "hello\n").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
