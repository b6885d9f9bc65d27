package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.event.Level;

/** A whole proxy on a real broker, spoken to over HTTP. */
final class ProxyUnderTest implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final NotifyProxy proxy;

    private ProxyUnderTest(AmqpSettings amqp, Path stateDir) {
        proxy = new NotifyProxy(
                Accesses.open(new ProxyConfig(
                        "127.0.0.1",
                        0,
                        Level.INFO,
                        false,
                        Optional.ofNullable(stateDir),
                        TestConfigs.http(),
                        amqp.toConfig(),
                        Optional.empty(),
                        TestConfigs.limits(),
                        TestConfigs.delivery(),
                        TestConfigs.operator(),
                        TestConfigs.access())),
                Clock.systemUTC());
    }

    static ProxyUnderTest start(AmqpSettings amqp, Path stateDir) {
        ProxyUnderTest started = new ProxyUnderTest(amqp, stateDir);
        try {
            started.proxy.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ProxyUnderTest ready(AmqpSettings amqp, Path stateDir) {
        ProxyUnderTest started = start(amqp, stateDir);
        started.awaitReady();
        return started;
    }

    void awaitReady() {
        LogUnderTest.await().until(() -> statusOf("/readyz") == 200);
    }

    int statusOf(String path) {
        return send(HttpRequest.newBuilder(uri("http", path)).build());
    }

    /** Publishes, and returns the status of the answer. */
    int publish(String repository, long revision) {
        return send(HttpRequest.newBuilder(uri("http", "/api/v1/publish"))
                .POST(BodyPublishers.ofByteArray(
                        Activities.message(repository, revision).raw()))
                .build());
    }

    private URI uri(String scheme, String path) {
        return URI.create(
                "%s://127.0.0.1:%d%s".formatted(scheme, proxy.address().getPort(), path));
    }

    private static int send(HttpRequest request) {
        try {
            return HTTP.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Subscribes on one connection, which is not made again should it break. */
    Subscriber subscribe(List<String> repositories) {
        Subscriber subscriber = new Subscriber();
        subscribe(repositories, subscriber);
        return subscriber;
    }

    /** The same with a listener of one's own. */
    WebSocket subscribe(List<String> repositories, WebSocket.Listener listener) {
        WebSocket socket = HTTP.newWebSocketBuilder()
                .buildAsync(uri("ws", "/api/v1/subscribe"), listener)
                .join();
        repositories.forEach(repository -> socket.sendBinary(
                        ByteBuffer.wrap("{\"version\":1,\"repository\":\"%s\"}"
                                .formatted(repository)
                                .getBytes(UTF_8)),
                        true)
                .join());
        return socket;
    }

    @Override
    public void close() {
        proxy.close();
    }

    /** Everything that came on one connection. */
    static final class Subscriber implements WebSocket.Listener {

        final List<ActivityMessage> received = new CopyOnWriteArrayList<>();
        private final ByteArrayOutputStream frame = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            frame.writeBytes(bytes);
            if (last) {
                received.add(ActivityMessage.parse(frame.toByteArray()));
                frame.reset();
            }
            socket.request(1);
            return null;
        }

        /** The revisions of a repository that came, in order. */
        List<Long> revisions(String repository) {
            return received.stream()
                    .filter(message -> message.repository().value().equals(repository))
                    .map(message -> message.revision().bits())
                    .toList();
        }

        /** The last revision of a repository that came; 0 if none did. */
        long last(String repository) {
            return revisions(repository).stream().reduce(0L, (earlier, later) -> later);
        }
    }
}
