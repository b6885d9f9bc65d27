package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activityText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

class WebSocketSubscriberTest extends SubscriberFixture {

    @Test
    void anActivityReachesTheListenerAfterTheSubscription() throws Exception {
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            assertThat(peer.readSubscription()).isEqualTo("atlas.cern.ch");
            peer.send(activityText(ATLAS, 7));
            peer.awaitEnd();
        });
        NotificationSubscriber subscriber = subscriber(SubscribeProtocol.WEBSOCKET);

        subscriber.subscribe(ATLAS);

        await().until(() -> heard.lines().size() == 3);
        assertThat(heard.lines())
                .containsExactly("connected WEBSOCKET", "subscribed atlas.cern.ch", "atlas.cern.ch revision 7");
    }
}
