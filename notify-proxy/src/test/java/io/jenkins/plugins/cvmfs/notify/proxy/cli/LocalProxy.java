package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;

/** A proxy in this JVM: standalone, in memory, on a free port of the loopback. */
final class LocalProxy implements AutoCloseable {

    private final NotifyProxy proxy;

    private LocalProxy(NotifyProxy proxy) {
        this.proxy = proxy;
    }

    static LocalProxy start() throws IOException {
        NotifyProxy proxy = new NotifyProxy(Accesses.open(ProxyConfig.standalone(0)), Clock.systemUTC());
        proxy.start();
        return new LocalProxy(proxy);
    }

    /** The base URL that publishers and subscribers are given. */
    String server() {
        return "http://127.0.0.1:%d/api/v1".formatted(proxy.address().getPort());
    }

    /** What the proxy says of a repository, JSON. */
    HttpResponse<String> describe(RepositoryName repository) throws IOException, InterruptedException {
        URI uri = URI.create(server() + "/repositories/" + repository);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Publishes a message as it is. */
    void publish(ActivityMessage message) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server() + "/publish"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(message.raw()))
                .build();
        int status = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
        assertThat(status).isEqualTo(200);
    }

    @Override
    public void close() {
        proxy.close();
    }
}
