package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/**
 * A RabbitMQ of the tests' own. It has the vhost {@code /cvmfs} with the users {@link #ADMIN}, with all rights, and {@link #WORKER},
 * with those of the original service's worker; each one's password is its name.
 */
public interface OwnedBroker extends Broker {

    /** A user with all rights, also to the management API. */
    String ADMIN = "admin";

    /** A user with the rights that the original service's installation gives. */
    String WORKER = "worker";

    /** What the worker may configure and write. */
    String WORKER_NAMES = "^(amq\\.gen.*|repository\\.activity)$";

    /** Erlang that binds {@code Names} to the file in which RabbitMQ notes which coordinators it has. */
    String COORDINATION_NAMES = "#{names := #{directory_rev := Names}} = ra_system:fetch(coordination), ";

    /** How long a start may take on a slow machine. */
    Duration LONGEST_START = Duration.ofMinutes(2);

    /**
     * Starts one more, which keeps everything in this folder; the caller stops it.
     *
     * @throws UnavailableException if there is no RabbitMQ on this machine, and none can be installed
     */
    static OwnedBroker launchIn(Path folder) throws UnavailableException {
        return LocalNode.launchIn(folder);
    }

    /**
     * Creates the first stream of a new broker and waits until the broker will remember that. RabbitMQ notes on disk that it has a stream
     * coordinator only about half a second after the first stream was created; if it is killed before that, it does not start the streams that
     * exist then any more.
     */
    default void settle() {
        String name = "cvmfs-notify.first-stream";
        try (Connection connection = amqp().connections().newConnection();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(name, true, false, false, Map.of("x-queue-type", "stream"));
            channel.queueDelete(name);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("no stream can be created in " + describe(), e);
        }
        ctl("eval", COORDINATION_NAMES + "ok = dets:sync(Names).");
    }

    /** Ends it as a crash does; nothing is flushed. */
    void kill();

    /** Stops it in the middle of whatever it does, without closing anything, until {@link #thaw}. */
    void freeze();

    /** Lets it go on. */
    void thaw();

    /** Starts it again with the same ports and data, and waits until it accepts connections. Does nothing if it runs. */
    void start();

    /** Runs {@code rabbitmqctl}; fails if that does. */
    void ctl(String... arguments);

    /** Runs {@code rabbitmq-plugins}; fails if that does. */
    void plugins(String... arguments);

    /** Port of its management API, http. */
    int managementPort();

    /** Port of its management API, https, with the same certificate. */
    int managementTlsPort();

    /** Address of its management API, for {@link #ADMIN}. The plugin is off, and costs nothing, until someone asks. */
    default URI management() {
        URI uri = URI.create("http://%s:%d".formatted(amqp().host(), managementPort()));
        if (!answers(uri)) {
            plugins("enable", "rabbitmq_management");
            Awaitility.await().atMost(LONGEST_START).until(() -> answers(uri));
        }
        return uri;
    }

    private static boolean answers(URI uri) {
        try {
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            return HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + uri, e);
        }
    }

    /** TCP port of its listener with TLS; the certificate is of {@code localhost}. */
    int tlsPort();

    /** PEM file with the authority that signed its certificate. */
    Path authority();

    /** Whether a user can log in now. */
    default boolean acceptsConnections() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(amqp().host());
        factory.setPort(amqp().port());
        factory.setVirtualHost(amqp().vhost());
        factory.setUsername(amqp().user());
        factory.setPassword(amqp().password());
        factory.setAutomaticRecoveryEnabled(false);
        try {
            factory.newConnection().abort();
            return true;
        } catch (IOException | TimeoutException notYet) {
            return false;
        }
    }

    /** Ends it; it is not started again. */
    void stop();
}
