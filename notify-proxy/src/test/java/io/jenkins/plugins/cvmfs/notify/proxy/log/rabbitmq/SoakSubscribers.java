package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Many subscribers of some repositories each, that come and go. Each remembers what it received last, and whether it ever went back. */
final class SoakSubscribers {

    private static final int MOST_REPOSITORIES = 3;

    private final ProxyUnderTest proxy;
    private final List<String> repositories;
    private final Random random;
    private final List<Present> present = new ArrayList<>();
    private final LongAdder deliveries = new LongAdder();
    private final LongAdder stepsBack = new LongAdder();
    private long come;

    private record Present(WebSocket socket, List<String> repositories, Ears ears) {}

    SoakSubscribers(ProxyUnderTest proxy, List<String> repositories, Random random) {
        this.proxy = proxy;
        this.repositories = repositories;
        this.random = random;
    }

    void add(int count) {
        for (int i = 0; i < count; i++) {
            List<String> some = new ArrayList<>(repositories);
            Collections.shuffle(some, random);
            some = List.copyOf(some.subList(0, 1 + random.nextInt(MOST_REPOSITORIES)));
            Ears ears = new Ears();
            present.add(new Present(proxy.subscribe(some, ears), some, ears));
            come++;
        }
    }

    /** One goes, politely or not, and another comes. */
    void replaceOne() {
        remove(random.nextInt(present.size()));
        add(1);
    }

    private void remove(int index) {
        WebSocket socket = present.remove(index).socket();
        if (random.nextBoolean()) {
            socket.abort();
        } else {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").whenComplete((sent, failure) -> socket.abort());
        }
    }

    void removeAll() {
        while (!present.isEmpty()) {
            remove(present.size() - 1);
        }
    }

    /** Waits until each has received of each of its repositories what was accepted last, or something later. */
    void awaitHearing(Map<String, Integer> accepted) {
        for (Present subscriber : present) {
            for (String repository : subscriber.repositories()) {
                LogUnderTest.await()
                        .untilAsserted(() -> assertThat(subscriber.ears().last.get(repository))
                                .as("last revision of %s", repository)
                                .isGreaterThanOrEqualTo(accepted.get(repository)));
            }
        }
        assertThat(stepsBack.sum()).as("revisions that came after a higher one").isZero();
    }

    String summary() {
        return "%d subscribers came, %d announcements were delivered".formatted(come, deliveries.sum());
    }

    private final class Ears implements WebSocket.Listener {

        private final Map<String, Long> last = new ConcurrentHashMap<>();
        private final ByteArrayOutputStream frame = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean isLast) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            frame.writeBytes(bytes);
            if (isLast) {
                hear(ActivityMessage.parse(frame.toByteArray()));
                frame.reset();
            }
            socket.request(1);
            return null;
        }

        private void hear(ActivityMessage message) {
            deliveries.increment();
            Long before =
                    last.put(message.repository().value(), message.revision().bits());
            if (before != null && before > message.revision().bits()) {
                stepsBack.increment();
            }
        }
    }
}
