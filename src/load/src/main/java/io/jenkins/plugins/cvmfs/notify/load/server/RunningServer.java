package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/**
 * A server that somebody else has started, and that goes on running.
 *
 * @param url where it listens
 * @param processes its processes on this machine; none if it runs elsewhere, and what it costs is then not known
 */
public record RunningServer(URI url, List<Long> processes) implements ServerKind, Server {

    @Override
    public String title() {
        return url.toString();
    }

    @Override
    public String durability() {
        return "not known";
    }

    @Override
    public Server start() {
        return this;
    }

    @Override
    public String host() {
        return url.getHost();
    }

    @Override
    public int port() {
        return url.getPort();
    }

    @Override
    public Dialect dialect() {
        return Dialect.NOTIFY;
    }

    @Override
    public Usage usage() throws IOException {
        return Usage.of(processes);
    }

    @Override
    public void close() {
        // Not ours to end.
    }
}
