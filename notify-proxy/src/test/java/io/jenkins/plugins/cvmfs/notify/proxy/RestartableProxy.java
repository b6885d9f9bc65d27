package io.jenkins.plugins.cvmfs.notify.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.function.UnaryOperator;

/** A standalone proxy that is published to, subscribed to and looked at; it can be started again on its port. */
public final class RestartableProxy implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private NotifyProxy proxy;
    private final int port;
    private final UnaryOperator<ProxyConfig> change;

    public RestartableProxy() throws IOException {
        this(UnaryOperator.identity());
    }

    /** @param change makes another configuration of the default one */
    public RestartableProxy(UnaryOperator<ProxyConfig> change) throws IOException {
        this.change = change;
        port = FreePort.find();
        proxy = started(port);
    }

    private NotifyProxy started(int at) throws IOException {
        NotifyProxy started =
                new NotifyProxy(Accesses.open(change.apply(TestConfigs.standalone(at))), Clock.systemUTC());
        started.start();
        return started;
    }

    public String url(String pathAndMore) {
        return "http://127.0.0.1:%d%s".formatted(port, pathAndMore);
    }

    public void publish(String repository, long revision) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url("/api/v1/publish")))
                .POST(BodyPublishers.ofByteArray(
                        Activities.message(repository, revision).raw()))
                .build();
        assertThat(http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }

    /** Subscribed until it is closed. */
    public InputStream subscribe(String repository) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url("/api/v1/subscribe?repository=" + repository)))
                .build();
        return http.send(request, BodyHandlers.ofInputStream()).body();
    }

    public void stop() {
        proxy.close();
    }

    public void startAgain() throws IOException {
        proxy = started(port);
    }

    @Override
    public void close() {
        proxy.close();
    }
}
