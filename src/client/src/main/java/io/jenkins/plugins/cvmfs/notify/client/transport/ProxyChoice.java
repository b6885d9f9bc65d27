package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.client.Authentication;
import org.eclipse.jetty.client.BasicAuthentication;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.jspecify.annotations.Nullable;

/**
 * Lets Jetty's client use the JDK's proxy selector, which may choose anew for each connection. A connection carries the chosen
 * proxy as its tag, and each proxy matches the connections that carry its address.
 */
final class ProxyChoice {

    private final @Nullable ProxySelector selector;
    private final @Nullable Authenticator authenticator;
    private final Set<InetSocketAddress> registered = new HashSet<>();

    ProxyChoice(java.net.http.HttpClient settings) {
        this.selector = settings.proxy().orElse(ProxySelector.getDefault());
        this.authenticator = settings.authenticator().orElse(null);
    }

    /** The HTTP proxy to use for this URL; empty to connect directly. */
    Optional<InetSocketAddress> proxyFor(URI url) {
        if (selector == null) {
            return Optional.empty();
        }
        return selector.select(url).stream()
                .findFirst()
                .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
                .map(proxy -> (InetSocketAddress) proxy.address());
    }

    /** Makes the client know this proxy. */
    synchronized void register(InetSocketAddress address, HttpClient client) {
        if (!registered.add(address)) {
            return;
        }
        TaggedProxy proxy = new TaggedProxy(address);
        client.getProxyConfiguration().addProxy(proxy);
        PasswordAuthentication login = login(address);
        if (login != null) {
            client.getAuthenticationStore()
                    .addAuthentication(new BasicAuthentication(
                            proxy.getURI(),
                            Authentication.ANY_REALM,
                            login.getUserName(),
                            new String(login.getPassword())));
        }
    }

    private @Nullable PasswordAuthentication login(InetSocketAddress address) {
        if (authenticator == null) {
            return null;
        }
        return Authenticator.requestPasswordAuthentication(
                authenticator,
                address.getHostString(),
                address.getAddress(),
                address.getPort(),
                "http",
                "",
                "basic",
                null,
                Authenticator.RequestorType.PROXY);
    }

    /** A proxy for the connections that carry its address. */
    private static final class TaggedProxy extends HttpProxy {

        private final InetSocketAddress address;

        TaggedProxy(InetSocketAddress address) {
            super(address.getHostString(), address.getPort());
            this.address = address;
        }

        @Override
        public boolean matches(Origin origin) {
            return address.equals(origin.getTag());
        }

        /** Always: a proxy passes a WebSocket on only through a tunnel, also an unencrypted one. */
        @Override
        public boolean requiresTunnel(Origin origin) {
            return true;
        }
    }
}
