package io.jenkins.plugins.cvmfs.notify.load.waiting;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitSettings;
import io.jenkins.plugins.cvmfs.notify.load.wire.Numbered;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Answers {@code enter COUNT URL} with the bytes of heap that each gate takes, and {@code rest} with the nanoseconds of CPU that the
 * process has used when it has come to rest, and then the number of lines that the gates have told so far.
 */
public final class GatesProcess {

    private static final long QUIET_MILLIS = 250;
    private static final long QUIET_NANOS = 5_000_000;

    private final AtomicLong lines = new AtomicLong();
    private final List<Wait> waits = new ArrayList<>();

    /** Blocks until its input ends. */
    public void run() throws IOException, InterruptedException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        try (Network network = Network.builder().build();
                WaitService room = WaitService.open(
                        network.repositoryReader(),
                        network::subscriber,
                        WaitSettings.DEFAULT,
                        Clock.systemUTC(),
                        new SplittableRandom())) {
            String order;
            while ((order = orders.readLine()) != null) {
                String[] words = order.split(" ", -1);
                if (words[0].equals("enter")) {
                    System.out.println(enter(room, Integer.parseInt(words[1]), words[2]));
                } else {
                    System.out.println(restingCpuNanos() + " " + lines);
                }
            }
        }
    }

    private long enter(WaitService room, int count, String url) throws IOException, InterruptedException {
        Path replica = Files.createTempDirectory("load-replica");
        SubscriberSettings server = SubscriberSettings.of(NotificationServer.parse(url));
        Condition condition = condition(replica);
        // The first one brings the connection and the classes.
        waits.add(room.enter(condition, server, line -> lines.incrementAndGet()));
        var unused = restingCpuNanos();
        long before = usedBytes();
        for (int i = 1; i < count; i++) {
            waits.add(room.enter(condition, server, line -> lines.incrementAndGet()));
        }
        unused = restingCpuNanos();
        return (usedBytes() - before) / (count - 1);
    }

    /** Waits for a revision that never comes, on a replica that serves none. */
    private static Condition condition(Path replica) {
        RepositoryName repository = new RepositoryName(Numbered.repository(0));
        return new Condition(
                repository,
                new Target.AtLeast(Revision.parse("4000000000")),
                List.of(new Replica("a", replica.toUri().toString())),
                Requirement.ALL,
                StalePolicy.WAIT,
                Clock.systemUTC().instant().plus(Duration.ofHours(6)),
                null);
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long restingCpuNanos() throws InterruptedException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long before;
        long now = system.getProcessCpuTime();
        do {
            before = now;
            Thread.sleep(QUIET_MILLIS);
            now = system.getProcessCpuTime();
        } while (now - before > QUIET_NANOS);
        return now;
    }
}
