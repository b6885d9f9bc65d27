package io.jenkins.plugins.cvmfs.notify.proxy.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status page of a proxy that shows it to those with a token. */
@NeedsChromium
class GuardedPageIT {

    private static final double PATIENCE_MILLIS = 60_000;

    @TempDir
    Path folder;

    @Test
    void asksForATokenUntilItIsAGoodOneAndKeepsItOutOfTheAddress(Browser browser) throws IOException {
        TokenHash.Minted minted = TokenHash.mint(new SecureRandom());
        Path file = Files.writeString(folder.resolve("config.json"), """
                {"standalone": true, "bind": "127.0.0.1", "port": 0, "page": {"access": "token"},
                 "access": {"tokens": [{"name": "operator", "hash": "%s", "subscribe": ["*"]}]}}
                """.formatted(minted.hash()));
        try (NotifyProxy proxy = new NotifyProxy(
                        ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                                .config(),
                        Clock.systemUTC());
                BrowserContext context = browser.newContext()) {
            proxy.start();
            Page page = context.newPage();
            page.navigate("http://127.0.0.1:%d/".formatted(proxy.address().getPort()));
            Locator token = page.getByLabel("Token");
            hasText(page.locator("#connection"), "A token is needed");

            token.fill("cvmfs-notify_abcdefgh_" + "x".repeat(43));
            token.press("Enter");
            hasText(page.locator("#access-why"), "The proxy does not take this token.");
            token.fill(minted.token().value());
            page.getByRole(
                            AriaRole.BUTTON,
                            new Page.GetByRoleOptions().setName("Show").setExact(true))
                    .click();

            hasText(page.locator("#connection"), "Live");
            hasText(page.locator("#ready"), "ready");
            assertThat(token).isHidden();
            assertThat(page.url()).doesNotContain("cvmfs-notify_");
        }
    }

    private static void hasText(Locator place, String text) {
        assertThat(place).hasText(text, new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MILLIS));
    }
}
