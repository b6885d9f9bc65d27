package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A proxy in this JVM with a journal, standalone or a relay. It can be stopped and started again on its port. Everyone may publish. */
final class SiteProxy implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Optional<Path> file;
    private final Map<String, String> settings = new HashMap<>();
    private NotifyProxy proxy;

    private SiteProxy(Optional<Path> file) {
        this.file = file;
    }

    private static SiteProxy started(Path stateDir, Map<String, String> further) throws IOException {
        SiteProxy made = new SiteProxy(Optional.empty());
        Map<String, String> settings = made.settings;
        settings.put("CVMFS_NOTIFY_BIND", "127.0.0.1");
        settings.put("CVMFS_NOTIFY_PORT", "0");
        settings.put("CVMFS_NOTIFY_STATE_DIR", stateDir.toString());
        settings.put("CVMFS_NOTIFY_ACCESS_ANONYMOUS_PUBLISH", "everyone");
        settings.putAll(further);
        made.start();
        return made;
    }

    /** As a configuration file says, which gives the port 0. */
    static SiteProxy of(Path file) throws IOException {
        SiteProxy made = new SiteProxy(Optional.of(file));
        made.start();
        return made;
    }

    /** The first in a chain. */
    static SiteProxy root(Path stateDir, String... settings) throws IOException {
        Map<String, String> all = settings(settings);
        all.put("CVMFS_NOTIFY_STANDALONE", "true");
        return started(stateDir, all);
    }

    /** @param settings names of variables without their prefix, each followed by its value */
    static SiteProxy relay(String upstream, Path stateDir, String... settings) throws IOException {
        Map<String, String> all = settings(settings);
        all.put("CVMFS_NOTIFY_UPSTREAM_URL", upstream);
        all.putIfAbsent("CVMFS_NOTIFY_UPSTREAM_MAX_RECONNECT_DELAY", "1s");
        return started(stateDir, all);
    }

    private static Map<String, String> settings(String... settings) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            all.put("CVMFS_NOTIFY_" + settings[i], settings[i + 1]);
        }
        return all;
    }

    void start() throws IOException {
        proxy = new NotifyProxy(config(), Clock.systemUTC());
        proxy.start();
        settings.put("CVMFS_NOTIFY_PORT", String.valueOf(proxy.address().getPort()));
    }

    private ProxyConfig config() {
        return ConfigLoader.load(new ConfigSources(file, settings, List.of())).config();
    }

    void stop() {
        proxy.close();
    }

    /** @param more settings as for {@link #relay} */
    void reload(String... more) {
        settings.putAll(settings(more));
        proxy.reload(config());
    }

    String url() {
        return "http://127.0.0.1:%d/api/v1".formatted(proxy.address().getPort());
    }

    NotificationServer server() {
        return NotificationServer.parse(url());
    }

    HttpResponse<String> publish(String repository, long revision) {
        return publish(Activities.message(repository, revision));
    }

    HttpResponse<String> publish(ActivityMessage message) {
        return send(request("/api/v1/publish").POST(BodyPublishers.ofByteArray(message.raw())));
    }

    HttpResponse<String> publish(String repository, long revision, String authorization) {
        byte[] message = Activities.message(repository, revision).raw();
        return send(request("/api/v1/publish")
                .header("Authorization", authorization)
                .POST(BodyPublishers.ofByteArray(message)));
    }

    HttpResponse<String> forget(String repository, Secret token) {
        return send(request("/api/v1/repositories/" + repository + "/forget")
                .header("Authorization", "Bearer " + token.value())
                .POST(BodyPublishers.noBody()));
    }

    HttpResponse<String> get(String path) {
        return send(request(path));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url()).resolve(path));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The value of a metric, with its labels. */
    double metric(String nameAndLabels) {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(nameAndLabels + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(nameAndLabels.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + nameAndLabels));
    }

    @Override
    public void close() {
        proxy.close();
    }
}
