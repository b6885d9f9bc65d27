package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.process.ChildProcess;
import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;

/** A server that is a child process on the loopback interface. */
record ProcessServer(ChildProcess process, int port, Dialect dialect, boolean tls) implements Server {

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public Usage usage() throws IOException {
        return Usage.of(process.processes());
    }

    @Override
    public void close() {
        process.close();
    }
}
