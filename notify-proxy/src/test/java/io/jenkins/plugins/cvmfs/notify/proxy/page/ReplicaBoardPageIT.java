package io.jenkins.plugins.cvmfs.notify.proxy.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.proxy.RestartableProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The board of replicas on the status page, in a browser, with two web servers whose manifests the test writes. */
@NeedsChromium
class ReplicaBoardPageIT {

    private static final double PATIENCE_MILLIS = 60_000;
    private static final String ATLAS = "atlas.example.org";
    private static final String CMS = "cms.example.org";
    private static final String LHCB = "lhcb.example.org";

    /** The board orders them by name. */
    private final Replica first;

    private final Replica second;
    private final List<String> complaints = new ArrayList<>();
    private final Browser browser;
    private final RestartableProxy proxy;
    private final BrowserContext context;
    private final Page page;

    ReplicaBoardPageIT(Browser browser) throws IOException {
        this.browser = browser;
        Replica one = new Replica();
        Replica other = new Replica();
        boolean isInOrder = one.url().compareTo(other.url()) < 0;
        this.first = isInOrder ? one : other;
        this.second = isInOrder ? other : one;
        this.proxy = watching(first.url(), second.url());
        this.context = browser.newContext();
        this.page = ChromiumExtension.open(context, complaints);
    }

    @BeforeAll
    static void bePatient() {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    }

    private static RestartableProxy watching(String... urls) throws IOException {
        return new RestartableProxy(config -> TestConfigs.with(
                config,
                new WatchConfig(
                        true,
                        Duration.ofMinutes(10),
                        10_000,
                        List.of(new WatchedReplicas(new RepositoryPattern("*"), List.of(urls))))));
    }

    @AfterEach
    void close() {
        context.close();
        proxy.close();
        first.close();
        second.close();
    }

    @Test
    void withoutWatchedReplicasThereIsNoBoard() throws IOException, InterruptedException {
        try (RestartableProxy plain = new RestartableProxy()) {
            plain.publish(ATLAS, 1);

            page.navigate(plain.url("/"));

            assertThat(page.locator("#rows tr")).hasCount(1);
            assertThat(page.locator("#board")).isHidden();
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void repositoriesThatLagComeFirstInWordsAndSigns() throws IOException, InterruptedException {
        publishThree();

        page.navigate(proxy.url("/"));

        assertThat(board().first()).containsText(Pattern.compile(CMS + "8✓ 8▼ 7, \\d+ s late"));
        assertThat(board()).hasCount(3);
        assertThat(board().nth(1)).containsText(Pattern.compile(LHCB + "3✓ 3✕ not readable, \\d+ s late"));
        assertThat(board().nth(2)).containsText(Pattern.compile(ATLAS + "41✓ 41✓ 41"));
        assertThat(page.locator("#board-summary"))
                .hasText("2 of 3 repositories late at a replica, 1 not readable at one");
        assertThat(page.locator("#board-head th").nth(2)).containsText("half in");

        second.serve(CMS, 8);
        second.serve(LHCB, 3);

        assertThat(page.locator("#board-summary")).hasText("3 repositories, none is late");
        assertThat(board().first()).containsText(ATLAS);
        assertThat(complaints).isEmpty();
    }

    @Test
    void aRepositoryOfItsOwnShowsWhyAndWhatIsUsual() throws IOException, InterruptedException {
        publishThree();

        page.navigate(proxy.url("/#repository=" + LHCB));

        assertThat(board()).hasCount(1);
        assertThat(board().first()).containsText("half in");
        assertThat(board().first()).containsText("(404)");
        assertThat(complaints).isEmpty();
    }

    @Test
    void onAPhoneTheReplicasOfARepositoryStandBelowItsName() throws IOException, InterruptedException {
        publishThree();
        page.setViewportSize(360, 800);

        page.navigate(proxy.url("/"));

        assertThat(page.locator("#board-summary")).containsText("2 of 3 repositories late at a replica");
        assertThat(page.evaluate(PageStatesIT.CUT)).isEqualTo(List.of());
        page.screenshot(
                new Page.ScreenshotOptions().setFullPage(true).setPath(Path.of("target", "replicas-narrow.png")));
        assertThat(complaints).isEmpty();
    }

    @Test
    void tablesOfManyRepositoriesScrollInThemselves() throws IOException, InterruptedException {
        int repositories = 300;
        for (int i = 0; i < repositories; i++) {
            String name = "r%04d.example.org".formatted(i);
            first.serve(name, 2);
            second.serve(name, i % 10 == 7 ? 1 : 2);
            proxy.publish(name, 2);
        }

        page.navigate(proxy.url("/"));

        assertThat(page.locator("#board-summary")).hasText("30 of 300 repositories late at a replica");
        assertThat(board()).hasCount(100);
        assertThat(board().nth(29)).containsText("late");
        assertThat(board().nth(30)).not().containsText("late");
        assertThat(page.locator("#board-more")).hasText("and 200 more; a filter shows others");
        assertThat((Integer) page.evaluate("document.getElementById('board').offsetHeight"))
                .isLessThan(600);
        assertThat((Integer) page.evaluate("document.documentElement.scrollHeight"))
                .as("the whole page, whose tables scroll in themselves")
                .isLessThan(2500);
        page.getByLabel("Filter").fill("r02");
        assertThat(board()).hasCount(100);
        assertThat(page.locator("#board-more")).isHidden();
        assertThat(complaints).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void bothSchemesCanBeReadByWeakEyes(ColorScheme scheme) throws IOException, InterruptedException {
        publishThree();
        try (BrowserContext themed = browser.newContext(
                new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(1000, 900))) {
            Page seen = ChromiumExtension.open(themed, complaints);
            seen.navigate(proxy.url("/"));
            assertThat(seen.locator("#board-rows [data-state=lagging]")).hasCount(1);
            assertThat(seen.locator("#board-rows [data-state=unreadable]")).hasCount(1);

            assertThat(seen.evaluate(StatusPageIT.TOO_FAINT)).isEqualTo(List.of());
            seen.screenshot(new Page.ScreenshotOptions()
                    .setFullPage(true)
                    .setPath(Path.of("target", "replicas-" + scheme.name().toLowerCase(Locale.ROOT) + ".png")));
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void aNarrowScreenScrollsTheBoardAndNotThePage() throws IOException, InterruptedException {
        publishThree();
        page.setViewportSize(360, 640);

        page.navigate(proxy.url("/"));

        assertThat(board()).hasCount(3);
        assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
        assertThat(complaints).isEmpty();
    }

    /** Of one the second replica is late, of one it has nothing. */
    private void publishThree() throws IOException, InterruptedException {
        first.serve(ATLAS, 41);
        second.serve(ATLAS, 41);
        first.serve(CMS, 8);
        second.serve(CMS, 7);
        first.serve(LHCB, 3);
        proxy.publish(ATLAS, 41);
        proxy.publish(CMS, 8);
        proxy.publish(LHCB, 3);
    }

    private Locator board() {
        return page.locator("#board-rows tr");
    }

    /** A web server with manifests. */
    private static final class Replica implements AutoCloseable {

        private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
        private final HttpServer server;

        Replica() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
            server.createContext("/", this::answer);
            server.start();
        }

        String url() {
            return "http://127.0.0.1:%d/cvmfs/@fqrn@"
                    .formatted(server.getAddress().getPort());
        }

        void serve(String repository, long revision) {
            String manifest =
                    new String(Activities.message(repository, revision).manifestBytes(), UTF_8);
            // The messages of all revisions have one root catalog.
            String own = revision == 7 || revision == 1
                    ? manifest.replace("C0123456789abcdef", "C0000000000000000")
                    : manifest;
            manifests.put("/cvmfs/" + repository + "/.cvmfspublished", own.getBytes(UTF_8));
        }

        private void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                byte[] manifest = manifests.get(exchange.getRequestURI().getPath());
                exchange.sendResponseHeaders(manifest == null ? 404 : 200, manifest == null ? -1 : manifest.length);
                if (manifest != null) {
                    exchange.getResponseBody().write(manifest);
                }
            }
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
