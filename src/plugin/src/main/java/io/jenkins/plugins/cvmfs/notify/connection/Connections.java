package io.jenkins.plugins.cvmfs.notify.connection;

import hudson.Extension;
import hudson.ExtensionList;
import hudson.ProxyConfiguration;
import hudson.model.Run;
import hudson.model.listeners.ItemListener;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitCounts;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;

/**
 * All connections of this Jenkins, opened when they are first needed and closed when Jenkins goes down. What is opened after a
 * change of Jenkins' HTTP proxy uses the new one; what waits already stays with the old one until it ends.
 *
 * <p>Thread-safe. No method blocks, except for looking up credentials.
 */
@Extension
public final class Connections extends ItemListener {

    private final BuildThreads waitThreads = new BuildThreads("wait");
    private final BuildThreads publishThreads = new BuildThreads("publish");
    private final List<Lines> opened = new ArrayList<>();
    private @Nullable ProxyConfiguration proxy;
    private boolean closed;

    /** The one there is. */
    public static Connections get() {
        return ExtensionList.lookupSingleton(Connections.class);
    }

    /** Where waits begin and end. They refuse when too much waits, and when Jenkins goes down. */
    public Executor waitThreads() {
        return waitThreads;
    }

    /** Where announcements are prepared: apart, so that an agent or a stratum 0 that hangs keeps no wait from beginning. */
    public Executor publishThreads() {
        return publishThreads;
    }

    /** Whether Jenkins goes down: what fails from now on may only fail for that reason, and goes on after the restart. */
    public synchronized boolean isClosed() {
        return closed;
    }

    /**
     * The network through Jenkins' present HTTP proxy.
     *
     * @throws TransientFailureException if Jenkins goes down
     */
    public NetworkUse use() {
        List<Lines> idle = new ArrayList<>();
        try {
            return new NetworkUse(takeNewest(idle));
        } finally {
            idle.forEach(Lines::close);
        }
    }

    /**
     * Begins to wait, or goes on. All builds that wait for one server share one connection to it.
     *
     * @param server whom to listen to; empty to read the replicas only
     * @param build whose use of the credentials is recorded
     * @throws NotifyException if there is no token for the server, or too many wait already
     */
    public Wait waitFor(
            Optional<ServerSettings> server, Run<?, ?> build, GateSnapshot known, ProgressListener listener) {
        try (NetworkUse use = use()) {
            return use.waitFor(server, build, known, listener);
        }
    }

    /** What builds wait for now, one entry for each HTTP proxy setting that is still in use. */
    synchronized List<WaitCounts> counts() {
        return opened.stream().map(Lines::counts).toList();
    }

    /** @param idle gets what nobody uses any more, for the caller to close */
    private synchronized Lines takeNewest(List<Lines> idle) {
        if (closed) {
            throw new TransientFailureException("Jenkins goes down");
        }
        ProxyConfiguration current = Jenkins.get().getProxy();
        if (opened.isEmpty() || current != proxy) {
            opened.add(new Lines(httpClient()));
            proxy = current;
        }
        Lines newest = opened.get(opened.size() - 1);
        opened.stream().filter(lines -> lines != newest && lines.isIdle()).forEach(idle::add);
        opened.removeAll(idle);
        return newest.take();
    }

    /** Jenkins' proxy, its exceptions and its user; redirects are refused because they could lead anywhere. */
    static HttpClient httpClient() {
        return ProxyConfiguration.newHttpClientBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    @Override
    public void onBeforeShutdown() {
        List<Lines> last;
        synchronized (this) {
            closed = true;
            last = List.copyOf(opened);
            opened.clear();
        }
        waitThreads.close();
        publishThreads.close();
        last.forEach(Lines::close);
    }
}
