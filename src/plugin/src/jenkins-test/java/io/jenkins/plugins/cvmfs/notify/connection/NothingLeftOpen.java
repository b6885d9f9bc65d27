package io.jenkins.plugins.cvmfs.notify.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import java.time.Duration;
import java.util.List;
import jenkins.model.Jenkins;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Looks after each test whether anything of the plugin is left over: while Jenkins still runs, no wait and no read; once it is
 * down, no thread either, and with it no timer and no connection. Register it around Jenkins: before the extension that starts
 * it, to look after it is down, or after it, to look while it runs.
 */
public final class NothingLeftOpen implements AfterEachCallback {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    @Override
    public void afterEach(ExtensionContext context) {
        if (Jenkins.getInstanceOrNull() == null) {
            requireNoThreads();
        } else {
            requireNoWaits();
        }
    }

    /** Fails if a build still waits in this Jenkins, or a replica is still asked. */
    public static void requireNoWaits() {
        JenkinsNetwork connections = JenkinsNetwork.get();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(connections.counts()).allSatisfy(counts -> {
                    assertThat(counts.gates()).isZero();
                    assertThat(counts.readsQueued() + counts.readsUnderWay()).isZero();
                }));
    }

    /** How many waits this Jenkins has now, those of triggers among them. */
    public static int waits() {
        return JenkinsNetwork.get().counts().stream()
                .mapToInt(WaitService.Counts::gates)
                .sum();
    }

    /** How many notification servers this Jenkins is connected to. */
    public static int servers() {
        return JenkinsNetwork.get().counts().stream()
                .mapToInt(WaitService.Counts::servers)
                .sum();
    }

    /** Fails if the plugin or its library has a thread. */
    public static void requireNoThreads() {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("cvmfs-notify"))
                .toList();
    }
}
