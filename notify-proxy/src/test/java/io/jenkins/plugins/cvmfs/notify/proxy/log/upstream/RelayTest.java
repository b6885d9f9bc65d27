package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings.Protocol;
import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Chains of proxies in which each but the first relays the one before. */
class RelayTest {

    private static final String ATLAS = "atlas.example.org";
    private static final String[] MANY_NAMES = {"LIMITS_MAX_ANONYMOUS_NAMES_PER_ADDRESS", "1000"};

    @TempDir
    private Path folder;

    private final Network network = Network.builder().build();
    private final Deque<SiteProxy> proxies = new ArrayDeque<>();
    private final Revisions client = new Revisions();

    @AfterEach
    void close() {
        network.close();
        proxies.forEach(SiteProxy::close);
    }

    private SiteProxy root(String... settings) throws IOException {
        return keep(SiteProxy.root(folder.resolve("root"), settings));
    }

    private SiteProxy relay(SiteProxy upstream, String... settings) throws IOException {
        return relay(upstream.url(), settings);
    }

    private SiteProxy relay(String upstream, String... settings) throws IOException {
        return keep(SiteProxy.relay(upstream, folder.resolve("relay" + proxies.size()), settings));
    }

    /** Those that depend on others are closed first. */
    private SiteProxy keep(SiteProxy proxy) {
        proxies.push(proxy);
        return proxy;
    }

    private NotificationSubscriber subscribe(SiteProxy proxy, String... repositories) {
        NotificationSubscriber subscriber = network.subscriber(
                SubscriberSettings.of(proxy.server()).withLongestPause(Duration.ofSeconds(1)), client);
        List.of(repositories)
                .forEach(name -> subscriber
                        .subscribe(new RepositoryName(name))
                        .orTimeout(60, TimeUnit.SECONDS)
                        .join());
        return subscriber;
    }

    private static void awaitFollowing(SiteProxy relay) {
        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> relay.metric("cvmfs_notify_log_tailing") == 1
                        && relay.metric("cvmfs_notify_upstream_connected") == 1);
    }

    private void awaitRevisions(String repository, Long... revisions) {
        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(client.of(repository)).containsExactly(revisions));
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return new JsonMapper().readTree(response.body());
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void aChainDeliversEverythingInOrder(Protocol protocol) throws Exception {
        String spoken = protocol.name().toLowerCase(Locale.ROOT).replace('_', '-');
        SiteProxy root = root();
        root.publish(ATLAS, 1);
        SiteProxy region = relay(root, "UPSTREAM_PROTOCOL", spoken);
        SiteProxy site = relay(region, "UPSTREAM_PROTOCOL", spoken);
        subscribe(site, ATLAS);
        awaitRevisions(ATLAS, 1L);
        awaitFollowing(site);

        for (int revision = 2; revision <= 50; revision++) {
            assertThat(root.publish(ATLAS, revision).statusCode()).isEqualTo(200);
        }

        awaitRevisions(ATLAS, LongStream.rangeClosed(1, 50).boxed().toArray(Long[]::new));
        await().untilAsserted(() ->
                assertThat(site.metric("cvmfs_notify_log_recorded_total")).isEqualTo(50));
    }

    @Test
    void aPublishThroughTwoRelaysIsDeliveredOnceAtEachLevel() throws Exception {
        SiteProxy root = root();
        SiteProxy region = relay(root);
        SiteProxy site = relay(region);
        subscribe(site, ATLAS);
        // A revision that is replaced before a relay follows its repository is not owed to anyone.
        for (SiteProxy followed : List.of(root, region)) {
            await().atMost(60, TimeUnit.SECONDS).until(() -> followed.metric("cvmfs_notify_subscriptions") == 1);
        }

        for (int revision = 1; revision <= 20; revision++) {
            HttpResponse<String> answer = site.publish(ATLAS, revision);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{\"status\":\"ok\"}");
        }

        awaitRevisions(ATLAS, LongStream.rangeClosed(1, 20).boxed().toArray(Long[]::new));
        for (SiteProxy proxy : List.of(root, region, site)) {
            await().untilAsserted(() ->
                    assertThat(proxy.metric("cvmfs_notify_log_recorded_total")).isEqualTo(20));
        }
    }

    @Test
    void manyRepositoriesOfManyClientsShareOneConnectionToTheUpstream() throws Exception {
        SiteProxy root = root(MANY_NAMES);
        SiteProxy relay = relay(root, MANY_NAMES);
        String[] names = IntStream.range(0, 300)
                .mapToObj("repository%d.example.org"::formatted)
                .toArray(String[]::new);
        for (int i = 0; i < 10; i++) {
            subscribe(relay, names);
        }
        awaitFollowing(relay);

        for (String name : names) {
            root.publish(name, 7);
        }

        await().atMost(60, TimeUnit.SECONDS).until(() -> client.count() == 3000);
        assertThat(root.metric("cvmfs_notify_subscribers{kind=\"web_socket\"}")).isEqualTo(1);
        assertThat(root.metric("cvmfs_notify_subscriptions")).isEqualTo(300);
        assertThat(root.metric("cvmfs_notify_connections")).isLessThanOrEqualTo(3);
    }

    @Test
    void aRelayRestartedWithoutItsUpstreamServesLastValuesAndCatchesUpLater() throws Exception {
        SiteProxy root = root("PORT", String.valueOf(FreePort.find()));
        SiteProxy relay = relay(root, "PORT", String.valueOf(FreePort.find()));
        relay.publish(ATLAS, 1);
        subscribe(relay, ATLAS);
        awaitRevisions(ATLAS, 1L);
        Instant before = Instant.now();
        root.stop();
        relay.stop();
        relay.start();

        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> json(relay.get("/readyz")).path("log").has("since"));
        Revisions newcomer = new Revisions();
        network.subscriber(SubscriberSettings.of(relay.server()), newcomer).subscribe(new RepositoryName(ATLAS));
        await().until(() -> newcomer.of(ATLAS).equals(List.of(1L)));
        HttpResponse<String> readiness = relay.get("/readyz");
        assertThat(readiness.statusCode()).isEqualTo(200);
        assertThat(json(readiness).path("status").asText()).isEqualTo("degraded");
        assertThat(Instant.parse(json(readiness).path("log").path("since").asText()))
                .isBetween(before, Instant.now());
        assertThat(relay.metric("cvmfs_notify_ready")).isZero();
        assertThat(relay.metric("cvmfs_notify_upstream_lost_timestamp_seconds"))
                .isBetween(before.toEpochMilli() / 1e3, Instant.now().toEpochMilli() / 1e3);

        root.start();
        awaitFollowing(relay);
        assertThat(relay.metric("cvmfs_notify_log_recorded_total"))
                .as("the repeated last value is known")
                .isZero();
        root.publish(ATLAS, 2);

        await().atMost(60, TimeUnit.SECONDS).until(() -> newcomer.of(ATLAS).equals(List.of(1L, 2L)));
        awaitRevisions(ATLAS, 1L, 2L);
        assertThat(json(relay.get("/readyz")).path("status").asText()).isEqualTo("ok");
        assertThat(relay.metric("cvmfs_notify_upstream_lost_timestamp_seconds")).isZero();
    }

    @Test
    void aRollbackOfTheUpstreamReachesTheClientsOfTheRelay() throws Exception {
        SiteProxy root = root();
        SiteProxy relay = relay(root);
        root.publish(ATLAS, 5);
        subscribe(relay, ATLAS);
        awaitRevisions(ATLAS, 5L);

        root.publish(ATLAS, 3);

        awaitRevisions(ATLAS, 5L, 3L);
    }

    @Test
    void aPublishIsRefusedWhereTheRelayIsConfiguredSoAndItIsReadyAllTheSame() throws Exception {
        SiteProxy root = root();
        SiteProxy relay = relay(root, "UPSTREAM_PUBLISH", "refuse");
        subscribe(relay, ATLAS);
        awaitFollowing(relay);

        HttpResponse<String> answer = relay.publish(ATLAS, 1);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(json(answer).path("reason").asText()).isEqualTo("not_allowed");
        assertThat(answer.headers().firstValue("X-Cvmfs-Notify-Detail"))
                .hasValueSatisfying(detail -> assertThat(detail).contains("announce to " + root.url()));
        assertThat(json(relay.get("/readyz")).path("status").asText()).isEqualTo("ok");
        assertThat(root.metric("cvmfs_notify_log_recorded_total")).isZero();
    }

    @Test
    void aPublishWaitsForAnUpstreamThatDoesNotAnswerAndIsThenToBeRepeated() throws Exception {
        SiteProxy relay = relay("http://127.0.0.1:%d".formatted(FreePort.find()), "UPSTREAM_PUBLISH_TIMEOUT", "500ms");

        HttpResponse<String> answer = relay.publish(ATLAS, 1);

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(json(answer).path("reason").asText()).isEqualTo("log_unavailable");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void theUpstreamsRefusalIsPassedOnAndANewTokenTakesEffectAtAReload() throws Exception {
        TokenHash.Minted token = TokenHash.mint();
        Path file = Files.writeString(folder.resolve("token"), "not-the-token\n");
        Path config =
                Files.writeString(folder.resolve("root.json"), """
                {"standalone": true, "bind": "127.0.0.1", "port": 0, "state_dir": "%s",
                 "access": {"anonymous_publish": "nobody", "local_token_file": "",
                            "tokens": [{"name": "site", "hash": "%s", "publish": "*", "subscribe": "*"}]}}
                """.formatted(folder.resolve("root"), token.hash()));
        SiteProxy root = keep(SiteProxy.of(config));
        SiteProxy relay = relay(root, "UPSTREAM_TOKEN_FILE", file.toString());

        HttpResponse<String> refused = relay.publish(ATLAS, 1);

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(json(refused).path("reason").asText()).isEqualTo("refused_upstream");
        assertThat(refused.headers().firstValue("X-Cvmfs-Notify-Detail"))
                .hasValueSatisfying(detail -> assertThat(detail).contains("are not valid"));
        assertThat(json(relay.get("/readyz")).path("status").asText()).isEqualTo("degraded");

        Files.writeString(file, token.token().value() + "\n");
        relay.reload();

        assertThat(relay.publish(ATLAS, 2).statusCode()).isEqualTo(200);
        subscribe(relay, ATLAS);
        awaitRevisions(ATLAS, 2L);

        Path other = Files.writeString(folder.resolve("other"), "token-of-another-server\n");
        relay.reload("UPSTREAM_URL", "http://127.0.0.1:9/api/v1", "UPSTREAM_TOKEN_FILE", other.toString());

        assertThat(relay.publish(ATLAS, 3).statusCode())
                .as("another server gets its token at a restart only")
                .isEqualTo(200);
    }

    @Test
    void theUpstreamsFindingThatAMessageIsInvalidIsPassedOn() throws Exception {
        SiteProxy root = root("LIMITS_MAX_MESSAGE_BYTES", "1KiB");
        SiteProxy relay = relay(root);

        HttpResponse<String> answer = relay.publish(Activities.message(ATLAS, 1, 2000));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("X-Cvmfs-Notify-Detail"))
                .hasValueSatisfying(detail -> assertThat(detail).contains("413"));
    }

    @Test
    void namesThatNobodyNeedsAreUnsubscribed() throws Exception {
        SiteProxy root = root(MANY_NAMES);
        SiteProxy relay = relay(root, MANY_NAMES);
        int more = UpstreamSubscription.SLACK + 1;
        NotificationSubscriber leaving = subscribe(
                relay,
                IntStream.range(0, 50).mapToObj("left%d.example.org"::formatted).toArray(String[]::new));
        await().until(() -> relay.metric("cvmfs_notify_upstream_followed") == 50);
        leaving.close();
        await().until(() -> relay.metric("cvmfs_notify_subscriptions") == 0);

        subscribe(
                relay,
                IntStream.range(0, more)
                        .mapToObj("kept%d.example.org"::formatted)
                        .toArray(String[]::new));

        await().untilAsserted(() ->
                assertThat(relay.metric("cvmfs_notify_upstream_followed")).isBetween((double) more, more + 49.0));
    }

    @Test
    void aRelayForgetsOnlyItsOwnLastValue() throws Exception {
        TokenHash.Minted token = TokenHash.mint();
        SiteProxy root = root();
        SiteProxy relay = keep(SiteProxy.of(Files.writeString(
                folder.resolve("relay.json"), """
                {"bind": "127.0.0.1", "port": 0, "state_dir": "%s", "upstream": {"url": "%s"},
                 "access": {"tokens": [{"name": "admin", "hash": "%s", "forget": "*"}]}}
                """.formatted(folder.resolve("relay"), root.url(), token.hash()))));
        root.publish(ATLAS, 1);
        subscribe(relay, ATLAS);
        awaitRevisions(ATLAS, 1L);

        assertThat(relay.forget(ATLAS, token.token()).statusCode()).isEqualTo(200);

        assertThat(relay.get("/api/v1/repositories/" + ATLAS).statusCode()).isEqualTo(404);
        assertThat(root.get("/api/v1/repositories/" + ATLAS).statusCode()).isEqualTo(200);
        root.publish(ATLAS, 2);
        awaitRevisions(ATLAS, 1L, 2L);
    }

    @Test
    void twoRelaysOfEachOtherNoticeItAndOneStops() throws Exception {
        int port = FreePort.find();
        SiteProxy first = relay("http://127.0.0.1:%d/api/v1".formatted(port));
        SiteProxy second = relay(first, "PORT", String.valueOf(port));

        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> log(first, "detail").contains("loop")
                        || log(second, "detail").contains("loop"));
        SiteProxy stopped = log(first, "detail").contains("loop") ? first : second;
        HttpResponse<String> readiness = stopped.get("/readyz");
        assertThat(json(readiness).path("status").asText()).isEqualTo("degraded");
        assertThat(log(stopped, "detail")).contains(" > ").contains("correct upstream.url");
        for (SiteProxy relay : List.of(first, second)) {
            HttpResponse<String> answer = relay.publish(ATLAS, 1);
            assertThat(answer.statusCode()).isEqualTo(508);
            assertThat(json(answer).path("reason").asText()).isEqualTo("relay_loop");
        }
    }

    @Test
    void aRelayTellsTheRelaysAboveIt() throws Exception {
        SiteProxy root = root();
        SiteProxy region = relay(root);
        SiteProxy site = relay(region);

        await().atMost(60, TimeUnit.SECONDS).untilAsserted(() -> {
            assertThat(json(region.get("/api/v1/readyz")).path("log").path("relays"))
                    .hasSize(1);
            assertThat(json(site.get("/api/v1/readyz")).path("log").path("relays"))
                    .hasSize(2)
                    .last()
                    .isEqualTo(json(region.get("/readyz"))
                            .path("log")
                            .path("relays")
                            .get(0));
        });
        assertThat(json(root.get("/readyz")).path("log").has("relays")).isFalse();
    }

    @Test
    void credentialsOfThePublisherAreJudgedByTheUpstreamThroughTwoRelays() throws Exception {
        TokenHash.Minted token = TokenHash.mint();
        SiteProxy root = keep(SiteProxy.of(
                Files.writeString(folder.resolve("root.json"), """
                {"standalone": true, "bind": "127.0.0.1", "port": 0, "state_dir": "%s",
                 "access": {"anonymous_publish": "nobody", "local_token_file": "",
                            "networks": [{"addresses": "127.0.0.0/8", "publish": "by-address.*"}],
                            "tokens": [{"name": "publisher", "hash": "%s", "publish": "atlas.*"}]}}
                """.formatted(folder.resolve("root"), token.hash()))));
        String[] asCaller = {
            "UPSTREAM_PUBLISH", "as-caller",
            "ACCESS_ANONYMOUS_PUBLISH", "nobody",
            "ACCESS_LOCAL_TOKEN_FILE", folder.resolve("no-token").toString()
        };
        SiteProxy site = relay(relay(root, asCaller), asCaller);
        subscribe(site, ATLAS);

        assertThat(site.publish(ATLAS, 1).statusCode())
                .as("without credentials")
                .isEqualTo(401);
        assertThat(site.publish(ATLAS, 1, "Bearer wrong").statusCode())
                .as("refused by the upstream")
                .isEqualTo(403);
        assertThat(site.publish("cms.example.org", 1, "Bearer " + token.token().value())
                        .statusCode())
                .as("no right upstream")
                .isEqualTo(403);
        assertThat(site.publish(
                                "by-address.example.org",
                                1,
                                "Bearer " + token.token().value())
                        .statusCode())
                .as("the address of the relay grants nothing to its clients")
                .isEqualTo(403);
        assertThat(site.publish(ATLAS, 2, "Bearer " + token.token().value()).statusCode())
                .isEqualTo(200);

        awaitRevisions(ATLAS, 2L);
    }

    private static String log(SiteProxy proxy, String field) throws IOException {
        return json(proxy.get("/readyz")).path("log").path(field).asText();
    }
}
