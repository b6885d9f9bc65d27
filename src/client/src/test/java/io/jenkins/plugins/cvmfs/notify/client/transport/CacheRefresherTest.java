package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Refreshes scripted caches; the replica behind them exists only by name. */
class CacheRefresherTest {

    private static final RepositoryLocation REPOSITORY =
            RepositoryLocation.parse("http://stratum1.example.org/cvmfs/atlas.cern.ch");
    private static final Revision SEVEN = new Revision(7);

    private final List<ScriptedServer> caches = new ArrayList<>();
    private final Network network = Network.builder()
            .names(CacheRefresherTest::addresses)
            .userAgent("refresher")
            .build();

    @AfterEach
    void stop() throws IOException {
        network.close();
        for (ScriptedServer cache : caches) {
            cache.close();
            assertThat(cache.failures()).isEmpty();
        }
    }

    private static InetAddress[] addresses(String host) throws UnknownHostException {
        return switch (host) {
            case "squid.example.org" -> new InetAddress[] {loopback(1)};
            case "squids.example.org" -> new InetAddress[] {loopback(1), loopback(2), loopback(1)};
            case "many.example.org" -> {
                InetAddress[] all = new InetAddress[33];
                for (int i = 0; i < all.length; i++) {
                    all[i] = loopback(i + 1);
                }
                yield all;
            }
            default -> throw new UnknownHostException(host);
        };
    }

    private static InetAddress loopback(int last) throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    }

    private HttpCache cache(String host, ScriptedServer.Script... scripts) throws IOException {
        ScriptedServer cache = ScriptedServer.start(scripts);
        caches.add(cache);
        return HttpCache.parse("http://%s:%d".formatted(host, cache.port()));
    }

    private static ScriptedServer.Script serving(long revision) {
        return ScriptedServer.answering(c -> c.answer(200, Samples.manifest(ATLAS, revision)));
    }

    private List<String> refresh(HttpCache... named) {
        return get(network.cacheRefresher().refresh(REPOSITORY, List.of(named), SEVEN)).stream()
                // Some JDKs say more of a refused connection.
                .map(result -> result.isFresh() + " "
                        + result.toString().replaceAll("\\d{4,5}", "PORT").replace(" (connect failed)", ""))
                .toList();
    }

    @Test
    void theCacheIsAskedForTheUrlThatClientsReadAndMustFetchItAnew() throws IOException {
        HttpCache squid = cache("squid.example.org", serving(7));

        assertThat(refresh(squid))
                .containsExactly("true cache http://squid.example.org:PORT (127.0.0.1) serves revision 7");

        assertThat(caches.get(0).requestLines())
                .containsExactly("GET http://stratum1.example.org/cvmfs/atlas.cern.ch/.cvmfspublished HTTP/1.1");
        ScriptedConnection asked = caches.get(0).connection(0);
        assertThat(asked.header("Host")).isEqualTo("stratum1.example.org");
        assertThat(asked.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(asked.header("User-Agent")).isEqualTo("refresher");
    }

    /** A variant for compressed answers would be refreshed instead of the one that clients get, which do not accept any. */
    @Test
    void nothingIsAskedThatACacheKeepsApart() throws IOException {
        HttpCache squid = cache("squid.example.org", serving(7));

        refresh(squid);

        ScriptedConnection asked = caches.get(0).connection(0);
        assertThat(asked.header("Accept-Encoding")).isEmpty();
        assertThat(asked.header("If-None-Match")).isEmpty();
        assertThat(asked.header("If-Modified-Since")).isEmpty();
    }

    @Test
    void aReplicaThatIsReadAtAllAddressesIsOneUrlForTheCache() throws IOException {
        HttpCache squid = cache("squid.example.org", serving(7));
        RepositoryLocation everywhere = RepositoryLocation.parse(REPOSITORY + " at all addresses");

        assertThat(get(network.cacheRefresher().refresh(everywhere, List.of(squid), SEVEN)))
                .singleElement()
                .satisfies(result -> assertThat(result.isFresh()).isTrue());
    }

    @Test
    void everyAddressOfTheCachesNameIsAskedOnce() throws IOException {
        HttpCache squids = cache("squids.example.org", serving(7));

        // The scripted server listens on 127.0.0.1 only.
        assertThat(refresh(squids))
                .containsExactly(
                        "true cache http://squids.example.org:PORT (127.0.0.1) serves revision 7",
                        "false cache http://squids.example.org:PORT (127.0.0.2): 127.0.0.2:PORT: cannot connect:"
                                + " Connection refused");
    }

    @Test
    void aCacheThatFailsIsNamedAndDoesNotStopTheOthers() throws IOException {
        HttpCache broken = cache("squid.example.org", ScriptedServer.answering(c -> c.answer(503, "<html>ERR</html>")));
        HttpCache unknown = HttpCache.parse("http://none.example.org:3128/");
        HttpCache stale = cache("squid.example.org", serving(6));
        HttpCache newer = cache("squid.example.org", serving(8));
        HttpCache huge =
                cache("squid.example.org", ScriptedServer.answering(c -> c.answer(200, new byte[1024 * 1024])));

        assertThat(refresh(broken, unknown, stale, newer, huge))
                .satisfiesExactly(
                        result -> assertThat(result)
                                .startsWith("false cache http://squid.example.org:PORT (127.0.0.1): ")
                                .endsWith("/.cvmfspublished: the server is unavailable (503)"),
                        result -> assertThat(result)
                                .isEqualTo("false cache http://none.example.org:PORT: none.example.org: the host name"
                                        + " cannot be resolved"),
                        result -> assertThat(result)
                                .isEqualTo(
                                        "false cache http://squid.example.org:PORT (127.0.0.1): serves revision 6 of "
                                                + REPOSITORY + ", not 7 yet"),
                        result -> assertThat(result).startsWith("true").endsWith("serves revision 8"),
                        result -> assertThat(result).startsWith("false").contains("longer than the"));
    }

    @Test
    void aNameWithTooManyAddressesIsNotRead() {
        assertThat(refresh(HttpCache.parse("http://many.example.org:3128")))
                .singleElement()
                .asString()
                .endsWith("the name has 33 addresses, at most 32 are read");
    }

    @Test
    void aFailureOfOneMomentIsRetried() throws IOException {
        HttpCache squid = cache("squid.example.org", ScriptedConnection::reset, serving(7));

        assertThat(refresh(squid)).singleElement().asString().startsWith("true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://stratum1.example.org/cvmfs/atlas.cern.ch", "/srv/cvmfs/atlas.cern.ch"})
    void onlyTheUrlThatClientsReadThroughACacheCanBeRefreshed(String location) {
        assertThatThrownBy(() -> get(network.cacheRefresher()
                        .refresh(
                                RepositoryLocation.parse(location),
                                List.of(HttpCache.parse("http://squid:3128")),
                                null)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageEndingWith("a cache keeps only files of http URLs; give the URL that the clients read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "squid:3128",
                "https://squid:3128",
                "http://squid",
                "http://squid:3128/cvmfs",
                "http://user:secret@squid:3128",
                "http://squid:3128?a=b"
            })
    void aCacheIsNamedByHostAndPort(String url) {
        assertThatThrownBy(() -> HttpCache.parse(url))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the HTTP cache's URL '")
                .hasMessageNotContaining("secret");
    }

    @Test
    void closingTheNetworkEndsARefresh() throws IOException {
        HttpCache silent = cache("squid.example.org", ScriptedServer.SILENT);
        var refresh = network.cacheRefresher().refresh(REPOSITORY, List.of(silent), null);

        network.close();

        assertThat(get(refresh))
                .singleElement()
                .satisfies(result -> assertThat(result.isFresh()).isFalse());
    }
}
