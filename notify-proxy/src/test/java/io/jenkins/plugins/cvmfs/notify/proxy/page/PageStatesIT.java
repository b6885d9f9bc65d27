package io.jenkins.plugins.cvmfs.notify.proxy.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.jenkins.plugins.cvmfs.notify.proxy.RestartableProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The status page in each state of the service, with few and many repositories, on a wide and a narrow screen. */
@NeedsChromium
class PageStatesIT {

    private static final String ATLAS = "atlas.example.org";
    private static final JsonMapper JSON = new JsonMapper();

    /** What sticks out of the page, or has more text than room. */
    static final String CUT = """
        () => [...document.body.querySelectorAll('*')]
          .filter((e) => e.checkVisibility() && !e.closest('.unseen, thead, .skip'))
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
            || (getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1 && e.tagName !== 'INPUT'))
          .map((e) => `${e.tagName}#${e.id} ${e.textContent.slice(0, 40)}`)\
        """;

    private final RestartableProxy proxy = new RestartableProxy();
    private final List<String> complaints = new ArrayList<>();
    private final BrowserContext context;
    private final Page page;

    PageStatesIT(Browser browser) throws IOException {
        this.context = browser.newContext(new Browser.NewContextOptions().setViewportSize(1000, 900));
        this.page = ChromiumExtension.open(context, complaints);
    }

    @BeforeAll
    static void bePatient() {
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
    }

    @AfterEach
    void close() {
        context.close();
        proxy.close();
    }

    @Test
    void aReadyServiceSaysSoWithItsVersionAndMachine() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 41);

        page.navigate(proxy.url("/"));

        assertThat(page.locator("#banner")).hasAttribute("data-state", "ready");
        assertThat(page.locator("#about")).hasText(Pattern.compile("version \\S+ on \\S+"));
        assertThat(page).hasTitle(Pattern.compile("\\S+ – CVMFS notify"));
        assertThat(icon()).hasAttribute("href", "/page/icon.svg");
        seen("ready");
        assertThat(complaints).isEmpty();
    }

    @Test
    void aServiceThatIsNotReadySaysWhyInTheTabToo() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 41);
        change(status -> {
            ObjectNode service = (ObjectNode) status.path("service");
            service.put("ready", false);
            ((ObjectNode) service.path("log"))
                    .put("can_append", false)
                    .put("detail", "broker1:5672: connection refused")
                    .put("since", "2026-11-28T12:00:00Z");
        });

        page.navigate(proxy.url("/"));

        assertThat(page.locator("#banner")).hasAttribute("data-state", "failing");
        assertThat(page.locator("#banner"))
                .hasText(Pattern.compile("Not ready Announcements cannot be published since .*: broker1:5672: .*"));
        assertThat(page).hasTitle(Pattern.compile("✕ Not ready: .*CVMFS notify"));
        assertThat(icon()).hasAttribute("href", "/page/icon-failing.svg");
        seen("not-ready");
        assertThat(complaints).isEmpty();
    }

    @Test
    void aServerThatIsGoneLeavesItsLastStateAndSaysHowOldThatIs() throws IOException, InterruptedException {
        proxy.publish(ATLAS, 41);
        page.navigate(proxy.url("/"));
        assertThat(rows()).hasCount(1);

        proxy.stop();

        assertThat(page.locator("#banner")).hasAttribute("data-state", "lost");
        assertThat(page.locator("#banner-detail")).hasText(Pattern.compile("This is the state of .* ago\\."));
        assertThat(page).hasTitle(Pattern.compile("✕ Connection lost: .*"));
        assertThat(icon()).hasAttribute("href", "/page/icon-lost.svg");
        assertThat(rows()).hasCount(1);
        seen("lost");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 300, 3000})
    void anyNumberOfRepositoriesFitsWithoutCutColumnsOnAPhoneToo(int repositories)
            throws IOException, InterruptedException {
        publish(repositories);

        page.navigate(proxy.url("/"));

        assertThat(page.locator("#connection")).hasText("Ready");
        assertThat(rows()).hasCount(Math.min(100, repositories));
        assertThat((Integer) page.evaluate("document.documentElement.scrollHeight"))
                .isLessThan(2200);
        seen("wide-" + repositories);
        page.setViewportSize(360, 800);
        assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
        assertThat(page.evaluate(CUT)).isEqualTo(List.of());
        seen("narrow-" + repositories);
        assertThat(complaints).isEmpty();
    }

    @Test
    void aLongTableHasPagesWhichStandInTheAddressAsSearchAndOrderDo() throws IOException, InterruptedException {
        publish(230);
        page.navigate(proxy.url("/"));
        assertThat(page.locator("#shown")).hasText("1 to 100 of 230");

        button("Next").click();
        button("Next").click();

        assertThat(page.locator("#shown")).hasText("201 to 230 of 230");
        assertThat(button("Next")).isDisabled();
        assertThat(page).hasURL(proxy.url("/#page=3"));
        button("Revision").click();
        assertThat(page).hasURL(proxy.url("/#sort=revision"));
        page.getByLabel("Filter").fill("r01");
        assertThat(page.locator("#shown")).hasText("100 of 230 shown");
        page.navigate("about:blank");
        page.navigate(proxy.url("/#filter=r02&sort=-revision&range=24h"));
        assertThat(page.locator("#shown")).hasText("30 of 230 shown");
        assertThat(page.locator("th[aria-sort]")).hasAttribute("aria-sort", "descending");
        assertThat(button("24 hours")).hasAttribute("aria-pressed", "true");
        assertThat(complaints).isEmpty();
    }

    @Test
    void aStepOfTheChartIsSaidInWordsByKeyboardAndByMouse() throws IOException, InterruptedException {
        publish(120);
        page.navigate(proxy.url("/"));
        Locator chart = page.locator("#chart");
        assertThat(chart.locator("svg")).hasAttribute("aria-label", Pattern.compile("120 announcements .*"));

        button("24 hours").click();
        assertThat(chart.locator("svg")).hasAttribute("aria-label", Pattern.compile("120 .* in the last 24 hours .*"));
        chart.focus();

        assertThat(chart).hasAttribute("aria-valuetext", Pattern.compile(".*: \\d+ announcements, slowest after .*"));
        chart.press("Home");
        assertThat(page.locator("#chart-value")).hasText(Pattern.compile(".*: this proxy did not run"));
        assertThat(chart).hasAttribute("aria-valuenow", "0");
        chart.blur();
        chart.hover();
        assertThat(page.locator("#chart-value")).hasText(Pattern.compile(".*: this proxy did not run"));
        assertThat(page).hasURL(proxy.url("/#range=24h"));
        assertThat(complaints).isEmpty();
    }

    @Test
    void quietAndNewRepositoriesStandOut() throws IOException, InterruptedException {
        publish(3);
        Instant now = Instant.now();
        change(status -> {
            status.put("started", now.minusSeconds(90_000).toString());
            ((ObjectNode) status.at("/repositories/0"))
                    .put("announcements", 500)
                    .put("announced", now.minusSeconds(40_000).toString())
                    .put("first_announced", now.minusSeconds(90_000).toString());
            ((ObjectNode) status.at("/repositories/1")).remove("first_announced");
        });

        page.navigate(proxy.url("/"));

        assertThat(page.locator("#board-summary")).hasText("1 quiet, 1 new");
        Locator board = page.locator("#board-rows tr");
        assertThat(board.first()).containsText("quiet for 11 h, usually 1 min");
        assertThat(board.nth(1)).containsText("new, first announced");
        assertThat(board).hasCount(2);
        assertThat(complaints).isEmpty();
    }

    private void publish(int repositories) throws IOException, InterruptedException {
        for (int i = 0; i < repositories; i++) {
            proxy.publish("r%04d.example.org".formatted(i), 1 + i % 7);
        }
    }

    /** Shows the page another status than the proxy's. */
    private void change(Consumer<ObjectNode> change) {
        page.route("**/api/v1/status", route -> {
            APIResponse answer = route.fetch();
            if (answer.status() == 304) {
                route.fulfill(new Route.FulfillOptions().setResponse(answer));
                return;
            }
            try {
                JsonNode status = JSON.readTree(answer.body());
                change.accept((ObjectNode) status);
                route.fulfill(new Route.FulfillOptions().setResponse(answer).setBody(status.toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void seen(String state) {
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target", "status-page-" + state + ".png")));
    }

    private Locator rows() {
        return page.locator("#rows tr");
    }

    private Locator icon() {
        return page.locator("link[rel=icon]");
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }
}
