package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.net.URI;

/** Makes WebSocket channels. */
final class WebSocketDialler implements SubscriberChannel.Dialler {

    private final WebSocketConnector connector;
    private final URI url;
    private final TokenSource token;
    private final Timer timer;

    WebSocketDialler(WebSocketConnector connector, URI url, TokenSource token, Timer timer) {
        this.connector = connector;
        this.url = url;
        this.token = token;
        this.timer = timer;
    }

    @Override
    public SubscriberChannel dial(SubscriberChannel.Events events) {
        return new WebSocketChannel(connector, url, token, timer, events);
    }

    @Override
    public SubscriptionListener.Connection connection() {
        return new SubscriptionListener.Connection(url, SubscriberSettings.Protocol.WEBSOCKET);
    }
}
