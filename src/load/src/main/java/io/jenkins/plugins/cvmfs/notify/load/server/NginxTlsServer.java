package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.load.process.ChildProcess;
import io.jenkins.plugins.cvmfs.notify.load.process.Ports;
import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The proxy without TLS, and nginx with two worker processes in front that have it; what all use counts. Two, because a subscriber
 * takes two connections there, and a process here may open 20,000 files.
 *
 * @param proxy trusts the loopback interface as a proxy in front
 */
public record NginxTlsServer(ProxyServer proxy) implements ServerKind {

    private static final Path NGINX = Path.of("/usr/sbin/nginx");

    /** Whether it can be started on this machine. */
    public static boolean isInstalled() {
        return Files.isExecutable(NGINX);
    }

    @Override
    public String title() {
        return proxy.title();
    }

    @Override
    public String durability() {
        return proxy.durability();
    }

    @Override
    public Server start() throws IOException {
        Path folder = Files.createTempDirectory("load-nginx");
        int port = Ports.free();
        Server behind =
                proxy.with("\"http\": {\"trusted_proxies\": [\"127.0.0.0/8\"]}").start();
        Path file = Files.writeString(
                folder.resolve("nginx.conf"), config(folder, Certificate.makeIn(folder), port, behind.port()), UTF_8);
        ChildProcess nginx = ChildProcess.start(
                List.of(NGINX.toString(), "-p", folder.toString(), "-c", file.toString(), "-e", "stderr"), folder);
        Running running = new Running(nginx, behind, port);
        try {
            Ports.awaitListening(port);
            return running;
        } catch (IOException e) {
            running.close();
            throw e;
        }
    }

    private static String config(Path folder, Certificate certificate, int port, int behind) {
        return """
                daemon off;
                user root;
                worker_processes 2;
                worker_rlimit_nofile 20000;
                error_log stderr crit;
                pid %s/nginx.pid;
                events {
                    worker_connections 21000;
                }
                http {
                    access_log off;
                    tcp_nodelay on;
                    keepalive_requests 100000000;
                    server {
                        listen 127.0.0.1:%d ssl backlog=4096 reuseport;
                        ssl_certificate %s;
                        ssl_certificate_key %s;
                        ssl_protocols TLSv1.2 TLSv1.3;
                        location / {
                            proxy_pass http://127.0.0.1:%d;
                            proxy_http_version 1.1;
                            proxy_set_header Host $host;
                            proxy_set_header X-Forwarded-For $remote_addr;
                            proxy_set_header Upgrade $http_upgrade;
                            proxy_set_header Connection $http_connection;
                            proxy_buffering off;
                            proxy_read_timeout 1h;
                        }
                    }
                }
                """.formatted(folder, port, certificate.certificate(), certificate.key(), behind);
    }

    private record Running(ChildProcess nginx, Server behind, int port) implements Server {

        @Override
        public String host() {
            return "127.0.0.1";
        }

        @Override
        public boolean tls() {
            return true;
        }

        @Override
        public Dialect dialect() {
            return behind.dialect();
        }

        @Override
        public Usage usage() throws IOException {
            return Usage.of(nginx.processes()).plus(behind.usage());
        }

        @Override
        public void close() {
            nginx.close();
            behind.close();
        }
    }
}
