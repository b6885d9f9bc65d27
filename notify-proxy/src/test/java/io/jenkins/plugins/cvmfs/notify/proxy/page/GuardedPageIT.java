package io.jenkins.plugins.cvmfs.notify.proxy.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.RequestOptions;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the status page is for those with a token, and what it shows of other proxies. */
@NeedsChromium
class GuardedPageIT {

    private static final double PATIENCE_MILLIS = 60_000;

    @TempDir
    Path folder;

    @BeforeAll
    static void bePatient() {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    }

    @Test
    void asksForATokenUntilItIsAGoodOneAndKeepsItOutOfTheAddress(Browser browser) throws IOException {
        TokenHash.Minted minted = TokenHash.mint();
        try (NotifyProxy proxy = proxy("""
            "page": {"access": "token"},
            "access": {"tokens": [{"name": "operator", "hash": "%s", "subscribe": ["*"]}]}
            """.formatted(minted.hash()));
                BrowserContext context = browser.newContext()) {
            Page page = context.newPage();
            page.navigate(url(proxy));
            Locator token = page.getByLabel("Token");
            hasText(page.locator("#connection"), "A token is needed");

            token.fill("cvmfs-notify_abcdefgh_" + "x".repeat(43));
            token.press("Enter");
            hasText(page.locator("#access-why"), "The proxy does not take this token.");
            send(page, minted);

            hasText(page.locator("#connection"), "Ready");
            assertThat(token).isHidden();
            assertThat(page.url()).doesNotContain("cvmfs-notify_");
        }
    }

    @Test
    void showsWhoWasRefusedToThoseWithATokenThatMayPublish(Browser browser) throws IOException {
        TokenHash.Minted reader = TokenHash.mint();
        TokenHash.Minted publisher = TokenHash.mint();
        try (NotifyProxy proxy = proxy("""
            "access": {"anonymous_publish": "nobody",
                       "tokens": [{"name": "reader", "hash": "%s", "subscribe": ["*"]},
                                  {"name": "publisher", "hash": "%s", "publish": ["a.example.org"]}]}
            """.formatted(reader.hash(), publisher.hash()));
                BrowserContext context = browser.newContext()) {
            byte[] message = Activities.message("atlas.example.org", 1).raw();
            for (int i = 0; i < 3; i++) {
                var unused = context.request()
                        .post(
                                url(proxy) + "api/v1/publish",
                                RequestOptions.create().setData(message));
            }
            var unused = context.request().get(url(proxy) + "api/v1/subscribe?repository=-");
            Page page = context.newPage();
            page.navigate(url(proxy));
            hasText(page.locator("#connection"), "Ready");

            page.getByText("Refused publishes and subscriptions").click();
            hasText(page.locator("#refusals-note"), "Who was refused is shown to those with a token that may publish.");
            send(page, reader);
            assertThat(page.locator("#access-why")).containsText("This token does not do.");
            send(page, publisher);

            Locator rows = page.locator("#refusals-rows tr");
            assertThat(rows).hasCount(2);
            assertThat(rows.first()).containsText("subscribe127.0.0.1–repository name '-' has a character");
            assertThat(rows.nth(1))
                    .containsText("publish127.0.0.1atlas.example.orgcredentials with the right to publish");
            hasText(rows.nth(1).locator("td").last(), "3");
        }
    }

    @Test
    void showsTheOtherProxiesThatTheConfigurationNames(Browser browser) throws IOException {
        try (NotifyProxy other = proxy("\"page\": {\"access\": \"token\"}")) {
            String gone = url(other).replaceFirst(":\\d+", ":1");
            try (NotifyProxy proxy = proxy("\"page\": {\"peers\": [\"%s\", \"%s\"]}".formatted(url(other), gone));
                    BrowserContext context = browser.newContext()) {
                Page page = context.newPage();

                page.navigate(url(proxy));

                Locator rows = page.locator("#peers-rows tr");
                assertThat(rows).hasCount(2);
                assertThat(rows.first()).containsText(url(other) + "✓ readyjournal");
                assertThat(rows.nth(1)).containsText(gone + "✕ not ready–");
                assertThat(rows.nth(1)).containsText("cannot connect");
            }
        }
    }

    /** @param more members of the configuration's object */
    private NotifyProxy proxy(String more) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), """
            {"standalone": true, "bind": "127.0.0.1", "port": 0, %s}
            """.formatted(more));
        NotifyProxy proxy = new NotifyProxy(
                ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                        .config(),
                Clock.systemUTC());
        proxy.start();
        return proxy;
    }

    private static String url(NotifyProxy proxy) {
        return "http://127.0.0.1:%d/".formatted(proxy.address().getPort());
    }

    private static void send(Page page, TokenHash.Minted minted) {
        page.getByLabel("Token").fill(minted.token().value());
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Show").setExact(true))
                .click();
    }

    private static void hasText(Locator place, String text) {
        assertThat(place).hasText(text);
    }
}
