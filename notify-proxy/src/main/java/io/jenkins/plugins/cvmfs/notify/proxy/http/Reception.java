package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What an accepted connection goes through before its first request: it is counted, says for whom it comes, and speaks TLS. */
@Sharable
final class Reception extends ChannelInitializer<Channel> {

    private final ConnectionLimits connections;
    private final HttpService service;
    private final @Nullable TlsAcceptor tls;
    private final boolean proxyProtocol;

    /**
     * @param tls null for plain HTTP
     * @param proxyProtocol whether connections of trusted proxies begin with a header of the PROXY protocol
     */
    Reception(ConnectionLimits connections, HttpService service, @Nullable TlsAcceptor tls, boolean proxyProtocol) {
        this.connections = connections;
        this.service = service;
        this.tls = tls;
        this.proxyProtocol = proxyProtocol;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!connections.admit(channel)) {
            speakTls(channel);
            connections.refuse(channel, ConnectionLimits.Refusal.TOO_MANY_CONNECTIONS);
        } else if (proxyProtocol && service.peers().isTrusted(Peers.socketAddress(channel))) {
            ProxyProtocolHandler.await(channel, service.limits().handshakeTimeout(), service.metrics(), this::receive);
        } else {
            receive(channel);
        }
    }

    private void receive(Channel channel) {
        speakTls(channel);
        InetAddress client = Peers.address(channel);
        // Behind an HTTP proxy many clients share a connection; only their requests can be told apart.
        if (service.peers().isTrusted(client) || connections.admitClient(channel, client)) {
            HttpConnection.begin(channel, service);
        } else {
            connections.refuse(channel, ConnectionLimits.Refusal.TOO_MANY_CONNECTIONS_FROM_ADDRESS);
        }
    }

    private void speakTls(Channel channel) {
        if (tls != null) {
            channel.pipeline().addLast(tls.handler(channel));
        }
    }
}
