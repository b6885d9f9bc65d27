package io.jenkins.plugins.cvmfs.notify.proxy.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.jenkins.plugins.cvmfs.notify.proxy.RestartableProxy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The status page as an operator meets it, in a browser. */
@NeedsChromium
class StatusPageIT {

    private static final String ATLAS = "atlas.example.org";
    private static final String CMS = "cms.example.org";
    private static final double PATIENCE_MILLIS = 60_000;

    /** For everything that cannot be read: what is not as light or dark as it should be against its ground (WCAG 2, AA). */
    static final String TOO_FAINT = """
            () => {
              const channels = (color) => color.match(/[\\d.]+/g).map(Number);
              const light = (color) => channels(color).slice(0, 3)
                .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
                .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
              const ground = (element) => {
                for (let at = element; at; at = at.parentElement) {
                  const color = getComputedStyle(at).backgroundColor;
                  if (channels(color)[3] !== 0) return color;
                }
                return 'rgb(255, 255, 255)';
              };
              const ink = (element) => {
                const style = getComputedStyle(element);
                return element.namespaceURI.endsWith('svg') ? style.fill : style.color;
              };
              return [...document.body.querySelectorAll('*')]
                .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== ''))
                .filter((e) => e.checkVisibility())
                .filter((e) => {
                  const [high, low] = [light(ink(e)), light(ground(e))].sort((a, b) => b - a);
                  return (high + 0.05) / (low + 0.05) < 4.5;
                })
                .map((e) => `${e.tagName} ${e.textContent}`);
            }""";

    private final Browser browser;
    private final RestartableProxy proxy = new RestartableProxy();
    private final List<String> complaints = new ArrayList<>();
    private final BrowserContext context;
    private final Page page;

    StatusPageIT(Browser browser) throws IOException {
        this.browser = browser;
        this.context = browser.newContext();
        this.page = ChromiumExtension.open(context, complaints);
    }

    @BeforeAll
    static void bePatient() {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    }

    @AfterEach
    void close() {
        context.close();
        proxy.close();
    }

    @Test
    void showsTheServiceAndItsRepositories() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 41);
        proxy.publish(CMS, 7);
        try (InputStream subscriber = proxy.subscribe(CMS)) {
            proxy.publish(CMS, 8);

            page.navigate(proxy.url("/"));

            assertThat(page.locator("#connection")).hasText("Ready");
            assertThat(page.locator("#log")).hasText("journal: in memory: a restart forgets it");
            assertThat(page.locator("#subscribers")).hasText("1 (1 event stream)");
            assertThat(rows()).hasCount(2);
            assertThat(row(ATLAS)).containsText(Pattern.compile(ATLAS + "41\\d+ s ago10"));
            assertThat(row(CMS)).containsText(Pattern.compile(CMS + "8\\d+ s ago21[\\d.]+ m?s"));
            assertThat(latest().first()).containsText(Pattern.compile(CMS + "revision 81 of 1 subscriber, after "));
            assertThat(page.locator("#chart .dot")).hasCount(1);
            assertThat(page.locator("#chart .ring")).hasCount(2);
            assertThat(page.locator("#chart svg"))
                    .hasAttribute(
                            "aria-label",
                            Pattern.compile(
                                    "3 announcements in the last 1 hour of all repositories, propagation .* at most"));
            assertThat(subscriber.available()).isPositive();
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void saysThatNothingWasAnnouncedYetAndThenShowsTheFirst() throws IOException, InterruptedException {
        page.navigate(proxy.url("/"));
        assertThat(page.getByText("No repository has been announced yet.")).isVisible();

        proxy.publish(ATLAS, 1);

        assertThat(row(ATLAS)).containsText("1");
        assertThat(page.getByText("No repository has been announced yet.")).isHidden();
        assertThat(complaints).isEmpty();
    }

    @Test
    void isNotSentAgainWhatItHas() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 1);
        page.navigate(proxy.url("/"));
        assertThat(revision(ATLAS)).hasText("1");

        var unused = page.waitForResponse(
                response -> response.url().endsWith("/api/v1/status") && response.status() == 304, () -> {});
        assertThat(page.locator("#connection")).hasText("Ready");
        proxy.publish(ATLAS, 2);

        assertThat(revision(ATLAS)).hasText("2");
        assertThat(complaints).isEmpty();
    }

    @Test
    void updatesLiveOnAPublish() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 1);
        page.navigate(proxy.url("/"));
        assertThat(revision(ATLAS)).hasText("1");
        page.evaluate("window.stillTheSamePage = true");

        proxy.publish(ATLAS, 2);

        assertThat(revision(ATLAS)).hasText("2");
        assertThat(latest()).hasCount(2);
        assertThat(latest().first()).containsText("revision 2");
        assertThat(page.locator("#heard")).hasText("1 announcement, the last of " + ATLAS + ", revision 2");
        assertThat(page.evaluate("window.stillTheSamePage")).isEqualTo(true);
        assertThat(complaints).isEmpty();
    }

    @Test
    void recoversWhenTheProxyRestarts() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 1);
        page.navigate(proxy.url("/"));
        assertThat(revision(ATLAS)).hasText("1");
        page.evaluate("window.stillTheSamePage = true");

        proxy.stop();
        assertThat(page.locator("#connection")).hasText("Connection lost; trying again");
        proxy.startAgain();
        proxy.publish(CMS, 5);

        assertThat(page.locator("#connection")).hasText("Ready");
        assertThat(revision(CMS)).hasText("5");
        assertThat(rows()).hasCount(1);
        assertThat(page.evaluate("window.stillTheSamePage")).isEqualTo(true);
        assertThat(complaints).allMatch(complaint -> complaint.contains("net::ERR_"));
    }

    @Test
    void aFilterShowsSomeAndStandsInTheAddress() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 1);
        proxy.publish(CMS, 1);
        page.navigate(proxy.url("/"));
        assertThat(rows()).hasCount(2);

        page.getByLabel("Filter").fill("CM");

        assertThat(rows()).hasCount(1);
        assertThat(row(CMS)).isVisible();
        assertThat(latest()).hasCount(1);
        assertThat(page.getByText("1 of 2 shown")).isVisible();
        assertThat(page).hasURL(proxy.url("/#filter=CM"));
        page.getByLabel("Filter").fill("");
        assertThat(rows()).hasCount(2);
        assertThat(complaints).isEmpty();
    }

    @Test
    void aRepositoryHasAnAddressOfItsOwn() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 1);
        proxy.publish(CMS, 1);

        page.navigate(proxy.url("/#repository=" + CMS));

        assertThat(rows()).hasCount(1);
        assertThat(page.locator("#one-title")).hasText(CMS);
        assertThat(page.locator("#one-facts")).containsText("1 in the last hour, 1 since this proxy started");
        assertThat(page.locator("#one-links img")).hasJSProperty("naturalHeight", 20);
        assertThat(page.locator("#repositories")).isHidden();
        assertThat(page).hasTitle(Pattern.compile(CMS + " – .* – CVMFS notify"));
        assertThat(latest()).hasCount(1);
        assertThat(page.locator("#chart .ring")).hasCount(1);
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Show all"))
                .click();
        assertThat(rows()).hasCount(2);
        row(ATLAS).getByRole(AriaRole.LINK).click();
        assertThat(page).hasURL(proxy.url("/#repository=" + ATLAS));
        assertThat(rows()).hasCount(1);
        page.goBack();
        assertThat(rows()).hasCount(2);
        assertThat(complaints).isEmpty();
    }

    @Test
    void everythingCanBeDoneWithTheKeyboard() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 1);
        proxy.publish(CMS, 9);
        page.navigate(proxy.url("/"));
        assertThat(rows()).hasCount(2);

        List<String> stops = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            page.keyboard().press("Tab");
            stops.add(String.valueOf(page.evaluate(
                    "document.activeElement.textContent.trim().split('\\n')[0] || document.activeElement.id")));
        }
        assertThat(stops)
                .startsWith("Skip to the repositories")
                .containsSubsequence("filter", "Repository", "Revision", "Propagation", ATLAS, CMS, "1 hour");
        Locator revision = page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Revision"));
        revision.press("Enter");
        revision.press("Enter");

        assertThat(rows().first()).containsText(CMS);
        assertThat(page.locator("th[aria-sort]")).hasAttribute("aria-sort", "descending");
        assertThat(page.locator("th[aria-sort]")).hasText("Revision");
        assertThat(complaints).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void bothSchemesCanBeReadByWeakEyes(ColorScheme scheme) throws IOException, InterruptedException {
        proxy.publish(CMS, 7);
        proxy.publish("software.example.org", 1200);
        for (int revision = 40; revision < 44; revision++) {
            proxy.publish(ATLAS, revision);
        }
        try (BrowserContext themed = browser.newContext(
                        new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(1000, 900));
                InputStream subscriber = proxy.subscribe(ATLAS)) {
            Page seen = ChromiumExtension.open(themed, complaints);
            seen.navigate(proxy.url("/"));
            assertThat(seen.locator("#rows tr")).hasCount(3);
            proxy.publish(ATLAS, 44);
            assertThat(seen.locator("#chart .dot")).hasCount(1);

            String ground = String.valueOf(seen.evaluate("getComputedStyle(document.body).backgroundColor"));
            assertThat(ground).isEqualTo(scheme == ColorScheme.DARK ? "rgb(20, 24, 29)" : "rgb(255, 255, 255)");
            assertThat(seen.evaluate(TOO_FAINT)).isEqualTo(List.of());
            seen.screenshot(new Page.ScreenshotOptions()
                    .setPath(Path.of("target", "status-page-" + scheme.name().toLowerCase(Locale.ROOT) + ".png")));
            assertThat(subscriber.available()).isPositive();
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void aNarrowScreenScrollsTheTableAndNotThePage() throws IOException, InterruptedException {
        proxy.publish("a-repository-with-a-rather-long-name-for-a-phone.example.org", 1);
        page.setViewportSize(360, 640);

        page.navigate(proxy.url("/"));

        assertThat(rows()).hasCount(1);
        assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
        assertThat(complaints).isEmpty();
    }

    @Test
    void theBrowserIsToldToRunNothingThatIsNotThePages() {
        page.navigate(proxy.url("/"));

        page.evaluate("""
                () => new Promise((resolve) => {
                  document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
                  const script = document.createElement('script');
                  script.textContent = 'window.ran = true';
                  document.body.append(script);
                })""");

        assertThat(page.evaluate("window.ran")).isNull();
    }

    private Locator rows() {
        return page.locator("#rows tr");
    }

    private Locator row(String repository) {
        return page.locator("#rows tr[data-repository='%s']".formatted(repository));
    }

    private Locator revision(String repository) {
        return row(repository).locator("td").first();
    }

    private Locator latest() {
        return page.locator("#latest li");
    }
}
