package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import java.util.Map;
import org.slf4j.event.Level;

/** The kinds of values that only this configuration has. */
final class ConfigTypes {

    static final PlainText ADDRESS = PlainText.of("[0-9A-Za-z.:%_-]{1,255}", "an IP address or a host name");

    /** A URL pasted here would otherwise become a strange host name. */
    static final PlainText HOSTS = PlainText.of(
            "[0-9A-Za-z.:_-]{1,255}(, *[0-9A-Za-z.:_-]{1,255})*",
            "a host name or address, or several with commas between them (no scheme, no port)");

    /** AMQP short strings end at 255 bytes. */
    static final PlainText AMQP_NAME =
            PlainText.of("\\p{Graph}{1,255}", "a name of 1 to 255 printable ASCII characters");

    /** What a browser sends: no path, and no port where it is the usual one. */
    static final PlainText ORIGIN = PlainText.of(
            "\\*|null|https?://[0-9a-z.:\\[\\]_-]{1,255}",
            "an origin such as https://status.example.org (in lower case, without a path), or *");

    /** What a browser's address bar may name. */
    static final PlainText HOST_NAME = PlainText.of(
            "\\*|(\\*\\.)?[0-9a-z_-][0-9a-z._-]{0,252}",
            "a host name such as notify.example.org (in lower case, without a port), *.example.org or *");

    static final PlainText AMQP_USER = PlainText.of("\\P{Cntrl}{0,255}", "a name of at most 255 printable characters");

    static final Choice<StreamUse> STREAM_USE = new Choice<>(
            Map.of("auto", StreamUse.AUTO, "required", StreamUse.REQUIRED, "off", StreamUse.OFF),
            "one of auto, required, off");

    static final Choice<TlsEngine> TLS_ENGINE = new Choice<>(
            Map.of("auto", TlsEngine.AUTO, "native", TlsEngine.NATIVE, "jdk", TlsEngine.JDK),
            "one of auto, native, jdk");

    static final Choice<LogFormat> LOG_FORMAT =
            new Choice<>(Map.of("text", LogFormat.TEXT, "json", LogFormat.JSON), "one of text, json");

    static final Choice<PageAccess> PAGE_ACCESS = new Choice<>(
            Map.of("everyone", PageAccess.EVERYONE, "token", PageAccess.TOKEN, "nobody", PageAccess.NOBODY),
            "one of everyone, token, nobody");

    /** SLF4J's five, and the names that the original service (Erlang's lager) has for them. */
    static final Choice<Level> LOG_LEVEL = new Choice<>(
            Map.ofEntries(
                    Map.entry("trace", Level.TRACE),
                    Map.entry("debug", Level.DEBUG),
                    Map.entry("info", Level.INFO),
                    Map.entry("notice", Level.INFO),
                    Map.entry("warn", Level.WARN),
                    Map.entry("warning", Level.WARN),
                    Map.entry("error", Level.ERROR),
                    Map.entry("critical", Level.ERROR),
                    Map.entry("alert", Level.ERROR),
                    Map.entry("emergency", Level.ERROR)),
            "one of trace, debug, info, warn, error");

    private ConfigTypes() {}
}
