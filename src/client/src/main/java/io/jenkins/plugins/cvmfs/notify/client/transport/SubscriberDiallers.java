package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.util.List;

/** Which protocols a subscriber tries, in which order, and at which URLs. */
final class SubscriberDiallers {

    private SubscriberDiallers() {}

    static List<SubscriberChannel.Dialler> of(
            SubscriberSettings settings, HttpSender client, JettyClient webSockets, Timer timer) {
        NotificationServer server = settings.server();
        TokenSource token = settings.token();
        SubscriberChannel.Dialler webSocket =
                new WebSocketDialler(new WebSocketConnector(webSockets, timer), server.webSocketUrl(), token, timer);
        SubscriberChannel.Dialler eventStream = new EventStreamDialler(client, server.eventStreamUrl(), token, timer);
        return switch (settings.protocol()) {
            case AUTO -> List.of(webSocket, eventStream);
            case WEBSOCKET -> List.of(webSocket);
            case EVENT_STREAM -> List.of(eventStream);
        };
    }
}
