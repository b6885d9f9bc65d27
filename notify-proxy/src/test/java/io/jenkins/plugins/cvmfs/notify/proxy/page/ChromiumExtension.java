package io.jenkins.plugins.cvmfs.notify.proxy.page;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.UnavailableException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Behind {@link NeedsChromium}. The browser of the distribution is used; Playwright's own would have to be downloaded. */
final class ChromiumExtension implements ExecutionCondition, ParameterResolver {

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

    /** Either a browser or the reason why there is none. */
    private record Search(Optional<Browser> browser, String reason) {}

    private static final class Shared {
        private static final Search RESULT = search();
    }

    private static Search search() {
        try {
            return launch(Programs.findOrInstall("chromium", ChromiumExtension::installed));
        } catch (UnavailableException e) {
            return new Search(Optional.empty(), "no Chromium: " + e.getMessage());
        }
    }

    private static Optional<Path> installed() {
        return NAMES.stream().flatMap(name -> Programs.find(name).stream()).findFirst();
    }

    private static Search launch(Path program) {
        try {
            Playwright playwright = Playwright.create(
                    new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
            Runtime.getRuntime().addShutdownHook(new Thread(playwright::close));
            Browser browser = playwright.chromium().launch(new LaunchOptions().setExecutablePath(program));
            Programs.announce("Tests use Chromium " + browser.version() + ", " + program);
            return new Search(Optional.of(browser), "");
        } catch (PlaywrightException e) {
            return new Search(Optional.empty(), program + " cannot be started: " + e.getMessage());
        }
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Search result = Shared.RESULT;
        return result.browser().isPresent()
                ? ConditionEvaluationResult.enabled("there is a Chromium")
                : ConditionEvaluationResult.disabled(result.reason());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Browser.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return Shared.RESULT.browser().orElseThrow();
    }

    /** Opens a page; each error or warning in its console is added to the complaints. */
    static Page open(BrowserContext context, List<String> complaints) {
        Page opened = context.newPage();
        opened.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(message.text());
            }
        });
        opened.onPageError(complaints::add);
        return opened;
    }
}
