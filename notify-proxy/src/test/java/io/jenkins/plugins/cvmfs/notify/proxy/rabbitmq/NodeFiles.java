package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration of a broker of our own: a vhost, two users, two listeners. */
final class NodeFiles {

    private NodeFiles() {}

    /**
     * Writes {@code rabbitmq.conf} and {@code definitions.json}.
     *
     * @param folder where to write them; the broker sees it as {@code seenAs}
     * @param address what to listen on
     */
    static void write(Path folder, String seenAs, String address, int port, int tlsPort) {
        try {
            Files.writeString(folder.resolve("rabbitmq.conf"), """
                    listeners.tcp.1 = %2$s:%3$d
                    listeners.ssl.1 = %2$s:%4$d
                    ssl_options.cacertfile = %1$s/authority.pem
                    ssl_options.certfile = %1$s/server.pem
                    ssl_options.keyfile = %1$s/server.key
                    ssl_options.verify = verify_none
                    load_definitions = %1$s/definitions.json
                    loopback_users = none
                    log.console = true
                    log.file = false
                    """.formatted(seenAs, address, port, tlsPort));
            Files.writeString(
                    folder.resolve("definitions.json"), """
                    {"vhosts": [{"name": "/cvmfs"}],
                     "users": [{"name": "admin", "password": "admin", "tags": []},
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
