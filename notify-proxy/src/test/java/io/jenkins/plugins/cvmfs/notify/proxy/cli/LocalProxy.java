package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HoldConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** A proxy in this JVM: standalone, in memory, on a free port of the loopback. */
final class LocalProxy implements AutoCloseable {

    private final NotifyProxy proxy;

    private LocalProxy(NotifyProxy proxy) {
        this.proxy = proxy;
    }

    /** Everyone may publish. */
    static LocalProxy start() throws IOException {
        return start(Accesses.open(TestConfigs.standalone(0)));
    }

    /** As it is installed; besides, this token may do everything. */
    static LocalProxy start(TokenHash token) throws IOException {
        ProxyConfig config = TestConfigs.standalone(0);
        return start(
                config.withAccess(config.access().withTokens(List.of(new TokenConfig("tester", token, Grants.ALL)))));
    }

    /** Everyone may publish; subscribers are told when this folder has the revision. */
    static LocalProxy holding(Path replica) throws IOException {
        HoldConfig hold = new HoldConfig(
                new RepositoryPattern("test.example.org"),
                List.of(replica.toString()),
                List.of(),
                Requirement.ALL,
                Duration.ofMinutes(5));
        return start(TestConfigs.with(
                Accesses.open(TestConfigs.standalone(0)),
                new DeliveryConfig(Duration.ZERO, Duration.ZERO, List.of(hold), List.of())));
    }

    /** Everyone may publish; this folder is watched. */
    static LocalProxy watching(Path replica) throws IOException {
        WatchedReplicas watched =
                new WatchedReplicas(new RepositoryPattern("test.example.org"), List.of(replica.toString()));
        return start(TestConfigs.with(
                Accesses.open(TestConfigs.standalone(0)),
                new WatchConfig(true, Duration.ofMinutes(10), 10, List.of(watched))));
    }

    private static LocalProxy start(ProxyConfig config) throws IOException {
        NotifyProxy proxy = new NotifyProxy(config, Clock.systemUTC());
        proxy.start();
        return new LocalProxy(proxy);
    }

    /** The base URL that publishers and subscribers are given. */
    String server() {
        return "http://127.0.0.1:%d/api/v1".formatted(proxy.address().getPort());
    }

    /** What the proxy says of the watched replicas of a repository, JSON. */
    String replicas(RepositoryName repository) throws IOException, InterruptedException {
        URI uri = URI.create(server() + "/repositories/" + repository + "/replicas");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
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
