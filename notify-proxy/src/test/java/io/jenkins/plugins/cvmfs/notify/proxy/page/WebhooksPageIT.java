package io.jenkins.plugins.cvmfs.notify.proxy.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.proxy.RestartableProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Body;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Event;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The webhooks on the status page. */
@NeedsChromium
class WebhooksPageIT {

    private final HttpServer receiver;
    private final RestartableProxy proxy;
    private final List<String> complaints = new ArrayList<>();
    private final Browser browser;

    WebhooksPageIT(Browser browser) throws IOException {
        this.browser = browser;
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer("/accepts", 204);
        answer("/gone", 410);
        receiver.start();
        WatchConfig watch = new WatchConfig(
                true,
                Duration.ofMinutes(10),
                10,
                List.of(new WatchedReplicas(new RepositoryPattern("*"), List.of("/no/such/folder/@fqrn@"))));
        int port = receiver.getAddress().getPort();
        proxy = new RestartableProxy(config -> TestConfigs.with(
                TestConfigs.with(config, watch),
                TestConfigs.delivery(
                        webhook("ci-of-the-software-group", Event.ANNOUNCED, port, "accepts", "1h"),
                        webhook("down", Event.ANNOUNCED, 1, "down", "1s"),
                        webhook("former", Event.ANNOUNCED, port, "gone", "1h"),
                        webhook("tests", Event.READABLE, port, "accepts", "1h"))));
    }

    private void answer(String path, int status) {
        receiver.createContext(path, exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
    }

    private static WebhookConfig webhook(String name, Event event, int port, String path, String giveUpAfter) {
        return new WebhookConfig(
                name,
                URI.create("http://127.0.0.1:%d/%s".formatted(port, path)),
                event,
                Optional.empty(),
                List.of(new RepositoryPattern("*")),
                List.of(),
                Optional.empty(),
                Body.GITHUB,
                Duration.ofSeconds(5),
                Duration.parse("PT" + giveUpAfter),
                true);
    }

    @BeforeAll
    static void bePatient() {
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
    }

    @AfterEach
    void close() {
        proxy.close();
        receiver.stop(0);
    }

    @Test
    void withoutWebhooksThereIsNoSection() throws IOException, InterruptedException {
        try (RestartableProxy plain = new RestartableProxy();
                BrowserContext context = browser.newContext()) {
            plain.publish("atlas.example.org", 1);
            Page page = ChromiumExtension.open(context, complaints);

            page.navigate(plain.url("/"));

            assertThat(page.locator("#rows tr")).hasCount(1);
            assertThat(page.locator("#webhooks")).isHidden();
        }
        assertThat(complaints).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void eachSaysHowItIsAndWhatWaitsThoseThatFailFirstOnWideAndNarrowScreens(ColorScheme scheme)
            throws IOException, InterruptedException {
        proxy.publish("atlas.example.org", 41);
        proxy.publish("cms.example.org", 8);
        try (BrowserContext context = browser.newContext(
                new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(1280, 900))) {
            Page page = ChromiumExtension.open(context, complaints);
            page.navigate(proxy.url("/"));
            Locator rows = page.locator("#webhooks-rows tr");

            assertThat(rows).hasCount(4);
            assertThat(rows.nth(2))
                    .hasText(Pattern.compile(
                            "ci-of-the-software-grouphttp://127\\.0\\.0\\.1:\\d+announcements✓ accepts\\d+ s ago–00"));
            assertThat(rows.nth(0)).containsText("announcements! fails: the connection is refused–");
            assertThat(rows.nth(0).locator("td").last()).hasText("2");
            assertThat(rows.nth(1)).containsText("✕ stopped: it answers 410: it wants no more messages");
            assertThat(rows.nth(3)).containsText("readable revisionsnothing sent yet––2 for replicas0");

            assertThat(page.evaluate(StatusPageIT.TOO_FAINT)).isEqualTo(List.of());
            seen(page, scheme, "wide");
            page.setViewportSize(360, 800);
            assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
            assertThat(page.evaluate(PageStatesIT.CUT)).isEqualTo(List.of());
            seen(page, scheme, "narrow");
        }
        assertThat(complaints).isEmpty();
    }

    private static void seen(Page page, ColorScheme scheme, String width) {
        page.locator("#webhooks")
                .screenshot(new Locator.ScreenshotOptions()
                        .setPath(Path.of(
                                "target",
                                "webhooks-%s-%s.png"
                                        .formatted(width, scheme.name().toLowerCase(Locale.ROOT)))));
    }
}
