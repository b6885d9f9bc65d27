package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as users run it, each command in its own process. */
class EndToEndIT {

    private static final String NAME = "test.example.org";

    @TempDir
    Path folder;

    private SampleRepository repository;

    @BeforeEach
    void repositoryWithRevision1() {
        repository = SampleRepository.create(
                folder.resolve("repository"), new RepositoryName(NAME), HashAlgorithm.SHA1, Clock.systemUTC());
    }

    @Test
    void aWaitEndsWhenTheReplicaHasThePublishedRevision() throws IOException, InterruptedException {
        Path replica = folder.resolve("replica");
        repository.snapshotTo(replica);
        try (JarProcess proxy = JarProcess.serve(folder);
                JarProcess wait = JarProcess.start(
                        folder,
                        "wait",
                        "-u",
                        proxy.server(),
                        "--repository",
                        NAME,
                        "--revision",
                        "2",
                        "--replica",
                        "a=" + replica,
                        "--json")) {
            wait.awaitErr("a serves revision 1");

            repository.publish();
            publish(proxy);
            wait.awaitErr("announced: revision 2");
            assertThat(wait.out()).as("the replica is still behind").isEmpty();
            repository.snapshotTo(replica);

            assertThat(wait.exitCode()).as(wait.err()).isZero();
            assertThat(wait.out()).hasLineCount(1).contains("\"reached\":true", "\"revision\":2,");
        }
    }

    @Test
    void aStoppedWaitSaysHowFarItCame() throws IOException, InterruptedException {
        try (JarProcess wait = JarProcess.start(folder, waitForRevision2("5m"))) {
            wait.awaitErr("a serves revision 1");

            wait.stop();

            assertThat(wait.exitCode()).isEqualTo(143);
            assertThat(wait.err().lines())
                    .last()
                    .asString()
                    .matches("stopped after .* s: 0 of 1 replicas have revision 2 .*: a serves revision 1");
        }
    }

    @Test
    void onANarrowTerminalLinesBreakBetweenWords() throws IOException, InterruptedException {
        assumeTrue(Programs.find("script").isPresent(), "no script (util-linux)");
        List<String> terminal = List.of(
                "bash",
                "-c",
                "printf -v line '%q ' \"$@\"; exec script -qec \"stty cols 40; exec $line\" /dev/null",
                "bash");
        try (JarProcess wait = JarProcess.under(terminal, Map.of("TERM", "xterm"), folder, waitForRevision2("3s"))) {
            assertThat(wait.exitCode()).isEqualTo(3);

            assertThat(wait.out()).contains("waiting for revision 2 or newer of\r\n    test.example.org");
            assertThat(wait.out().split("[\r\n]+"))
                    .allSatisfy(line -> assertThat(line.replace("\u001b[K", "")).hasSizeLessThanOrEqualTo(40));
        }
    }

    private String[] waitForRevision2(String timeout) {
        return "wait --transport poll --repository %s --revision 2 --replica a=%s --timeout %s"
                .formatted(NAME, repository.folder(), timeout)
                .split(" ");
    }

    @Test
    void aSubscriberSurvivesARestartAndReceivesNothingTwice() throws IOException, InterruptedException {
        int port = FreePort.find();
        try (JarProcess proxy = serve(port);
                JarProcess subscriber = JarProcess.start(
                        folder, "subscribe", "-u", proxy.server(), "-t", NAME, "-c", "--verify", "off")) {
            publish(proxy);
            subscriber.awaitOut("revision 1,");
            proxy.kill();

            try (JarProcess next = serve(port)) {
                repository.publish();
                publish(next);

                subscriber.awaitOut("revision 2,");
                assertThat(subscriber.out()).hasLineCount(2);
                assertThat(subscriber.err()).containsPattern("notify-proxy: connected again after [0-9.]+ s\n");
            }
        }
    }

    /** Always with the same state. */
    private JarProcess serve(int port) throws IOException {
        JarProcess proxy = JarProcess.start(
                folder,
                "serve",
                "--standalone",
                "--set",
                "access.anonymous_publish=everyone",
                "--state-dir",
                folder.resolve("state").toString(),
                "--port",
                String.valueOf(port));
        proxy.awaitOut("listening on ");
        return proxy;
    }

    @Test
    void theDemonstrationLeavesNothingBehind() throws IOException, InterruptedException {
        try (JarProcess demo = JarProcess.start(folder, "demo")) {
            assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
            assertThat(demo.out()).contains("pipeline   continues");
            assertThat(demo.err()).as("warnings").isEmpty();
            assertThat(JarProcess.temporaryFolder(folder)).isEmptyDirectory();
        }
    }

    @Test
    void theDemonstrationLeavesNothingBehindWhenItIsStopped() throws IOException, InterruptedException {
        try (JarProcess demo = JarProcess.start(folder, "demo")) {
            demo.awaitOut("has published revision 2");
            demo.stop();

            assertThat(demo.exitCode()).isEqualTo(143);
            assertThat(JarProcess.temporaryFolder(folder)).isEmptyDirectory();
        }
    }

    private void publish(JarProcess proxy) throws IOException, InterruptedException {
        try (JarProcess publisher = JarProcess.start(
                folder,
                "publish",
                "-u",
                proxy.server(),
                "-r",
                repository.folder().toString())) {
            assertThat(publisher.exitCode()).as(publisher.err()).isZero();
        }
    }
}
