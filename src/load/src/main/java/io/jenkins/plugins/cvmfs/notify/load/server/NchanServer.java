package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.load.generator.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** nginx with Debian's libnginx-mod-nchan, one worker process, the last message of each channel kept in memory. */
public final class NchanServer implements Server.Kind {

    /**
     * More than the process may open files. With a sixteenth of them free nginx begins to end connections that it takes for idle: the
     * publisher's, and those whose request it has not read yet. With 20,000 that was at 18,750 subscribers.
     */
    private static final int CONNECTIONS = 21_000;

    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");

    @Override
    public boolean isInstalled() {
        return Files.isExecutable(NGINX) && Files.isReadable(MODULE);
    }

    @Override
    public String title() {
        return "nchan";
    }

    @Override
    public String durability() {
        return "memory";
    }

    @Override
    public Server start() throws IOException {
        Path folder = Files.createTempDirectory("load-nchan");
        int port = Server.freePort();
        Path config = Files.writeString(folder.resolve("nginx.conf"), config(folder, port), UTF_8);
        ChildProcess process = ChildProcess.start(
                List.of(NGINX.toString(), "-p", folder.toString(), "-c", config.toString(), "-e", "stderr"),
                folder,
                Map.of());
        Server server = Server.alone(process, port, Dialect.NCHAN);
        try {
            Server.awaitListening("127.0.0.1", port);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private static String config(Path folder, int port) {
        return """
            load_module %s;
            daemon off;
            user root;
            worker_processes 1;
            worker_rlimit_nofile 20000;
            error_log stderr crit;
            pid %s/nginx.pid;
            events {
                worker_connections %d;
            }
            http {
                access_log off;
                tcp_nodelay on;
                keepalive_requests 100000000;
                nchan_shared_memory_size 256M;
                server {
                    listen 127.0.0.1:%d backlog=4096;
                    location = /pub {
                        nchan_publisher;
                        nchan_channel_id $arg_id;
                        nchan_message_buffer_length 1;
                        nchan_message_timeout 1h;
                    }
                    location = /sub {
                        nchan_subscriber websocket eventsource;
                        nchan_channel_id $arg_id;
                        nchan_subscriber_first_message oldest;
                    }
                }
            }
            """.formatted(MODULE, folder, CONNECTIONS, port);
    }
}
