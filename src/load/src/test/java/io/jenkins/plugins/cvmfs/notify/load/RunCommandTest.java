package io.jenkins.plugins.cvmfs.notify.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.load.server.ProxyServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RunCommandTest {

    private static final Path LAUNCHER = Path.of("../packaging/src/root/usr/bin/notify-proxy");

    @Test
    void theProxyIsMeasuredWithTheFlagsOfThePackages() throws IOException {
        String flags = String.join(" ", ((ProxyServer) RunCommand.ServerName.PROXY.kind).flags());

        assertThat(Files.readString(LAUNCHER)).contains("NOTIFY_PROXY_JAVA_OPTS='" + flags + "'");
    }
}
