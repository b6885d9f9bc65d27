package io.jenkins.plugins.cvmfs.notify.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails every test class of this module during which a secret was logged, at whatever level. Found through META-INF/services; the
 * configuration of the tests' log has its {@link Watch}.
 */
public final class SecretGuard implements AfterAllCallback {

    /** Tokens, signatures and passwords in headers, keys of the gateway and of TLS, and the payload of announcements. */
    private static final Pattern SECRET = Pattern.compile("cvmfs-notify_[a-z2-7]{8}_[A-Za-z0-9_-]{43}"
            + "|(?i:bearer|basic) [A-Za-z0-9+/=_-]{8,}"
            + "|bearer\\.[A-Za-z0-9_-]{8,}"
            + "|eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}"
            + "|plain_text \\S+ \\S+"
            + "|BEGIN ([A-Z]+ )?PRIVATE KEY"
            + "|\"manifest\"");

    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();

    /** The secrets in a text, with a little of what stands before each. */
    public static List<String> find(String text) {
        return SECRET.matcher(text)
                .results()
                .map(found -> text.substring(Math.max(0, found.start() - 80), found.end()))
                .toList();
    }

    /** What was found since this was last called. */
    static List<String> takeFound() {
        List<String> taken = new ArrayList<>();
        for (String next = FOUND.poll(); next != null; next = FOUND.poll()) {
            taken.add(next);
        }
        return taken;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(takeFound()).as("secrets in the log").isEmpty();
    }

    /** Sees every line of the log of this project's classes. */
    public static final class Watch extends AppenderBase<ILoggingEvent> {

        private final ThrowableProxyConverter stackTraces = new ThrowableProxyConverter();

        @Override
        public void start() {
            stackTraces.start();
            super.start();
        }

        @Override
        protected void append(ILoggingEvent event) {
            FOUND.addAll(find("%s: %s %s %s"
                    .formatted(
                            event.getLoggerName(),
                            event.getFormattedMessage(),
                            event.getKeyValuePairs(),
                            stackTraces.convert(event))));
        }
    }
}
