package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.server.BareLoopServer;
import io.jenkins.plugins.cvmfs.notify.load.server.NchanServer;
import io.jenkins.plugins.cvmfs.notify.load.server.NginxTlsServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ProxyOnRabbitMq;
import io.jenkins.plugins.cvmfs.notify.load.server.RabbitMqNode;
import io.jenkins.plugins.cvmfs.notify.load.server.RabbitMqWebServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ServerKind;
import io.jenkins.plugins.cvmfs.notify.load.server.Tls;
import java.util.Optional;

/** A server by the name it has on the command line. */
enum ServerName {
    BARE,
    PROXY,
    PROXY_FSYNC,
    PROXY_RABBITMQ,
    PROXY_TLS,
    PROXY_TLS_NATIVE,
    PROXY_NGINX_TLS,
    NCHAN,
    WEB_MQTT,
    WEB_STOMP;

    /** The package that is missing on this machine; empty if none is. */
    Optional<String> missing() {
        return switch (this) {
            case NCHAN -> missing(NchanServer.isInstalled(), "Debian's libnginx-mod-nchan");
            case PROXY_NGINX_TLS -> missing(NginxTlsServer.isInstalled(), "nginx");
            case PROXY_RABBITMQ, WEB_MQTT, WEB_STOMP -> missing(RabbitMqNode.isInstalled(), "rabbitmq-server");
            default -> Optional.empty();
        };
    }

    private static Optional<String> missing(boolean installed, String what) {
        return installed ? Optional.empty() : Optional.of(what);
    }

    ServerKind server(ProxyOptions proxy) {
        return switch (this) {
            case BARE -> new BareLoopServer();
            case NCHAN -> new NchanServer();
            case PROXY -> proxy.inMemory();
            case PROXY_FSYNC -> proxy.withJournal();
            case PROXY_RABBITMQ -> new ProxyOnRabbitMq(proxy.forBroker());
            case PROXY_TLS -> proxy.withTls(Tls.JDK);
            case PROXY_TLS_NATIVE -> proxy.withTls(Tls.NATIVE);
            case PROXY_NGINX_TLS -> new NginxTlsServer(proxy.behindNginx());
            case WEB_MQTT -> RabbitMqWebServer.WEB_MQTT;
            case WEB_STOMP -> RabbitMqWebServer.WEB_STOMP;
        };
    }
}
