package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.proxy.tls.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration of a broker of our own: a vhost, two users, two listeners, and two more for the management plugin. */
final class NodeFiles {

    private NodeFiles() {}

    /** TCP ports to listen on. */
    record Ports(int amqp, int amqps, int managementHttp, int managementHttps) {}

    /**
     * Writes {@code rabbitmq.conf}, {@code definitions.json}, and the files {@code authority.pem}, {@code server.pem} and {@code server.key}.
     *
     * @param folder where to write them; the broker sees it as {@code seenAs}
     * @param address what to listen on
     */
    static void write(Path folder, String seenAs, String address, Ports ports) {
        TestAuthority authority = new TestAuthority("Test authority");
        authority.writeTo(folder.resolve("authority.pem"));
        authority.issue("localhost").write(folder, "server");
        try {
            Files.writeString(folder.resolve("rabbitmq.conf"), """
                    listeners.tcp.1 = %2$s:%3$d
                    listeners.ssl.1 = %2$s:%4$d
                    ssl_options.cacertfile = %1$s/authority.pem
                    ssl_options.certfile = %1$s/server.pem
                    ssl_options.keyfile = %1$s/server.key
                    ssl_options.verify = verify_peer
                    ssl_options.fail_if_no_peer_cert = true
                    management.tcp.ip = %2$s
                    management.tcp.port = %5$d
                    management.ssl.ip = %2$s
                    management.ssl.port = %6$d
                    management.ssl.cacertfile = %1$s/authority.pem
                    management.ssl.certfile = %1$s/server.pem
                    management.ssl.keyfile = %1$s/server.key
                    load_definitions = %1$s/definitions.json
                    loopback_users = none
                    cluster_partition_handling = pause_minority
                    log.console = true
                    log.file = false
                    """.formatted(
                            seenAs, address, ports.amqp, ports.amqps, ports.managementHttp, ports.managementHttps));
            Files.writeString(
                    folder.resolve("definitions.json"), """
                    {"vhosts": [{"name": "/cvmfs"}],
                     "users": [{"name": "admin", "password": "admin", "tags": ["administrator"]},
                               {"name": "worker", "password": "worker", "tags": []}],
                     "permissions": [
                       {"user": "admin", "vhost": "/cvmfs", "configure": ".*", "write": ".*", "read": ".*"},
                       {"user": "worker", "vhost": "/cvmfs", "configure": "%1$s", "write": "%1$s", "read": ".*"}]}
                    """.formatted(OwnedBroker.WORKER_NAMES.replace("\\", "\\\\")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
