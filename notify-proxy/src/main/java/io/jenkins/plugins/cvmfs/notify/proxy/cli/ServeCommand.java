package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.BuildInfo;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig.PublishPosture;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.systemd.ServiceManager;
import io.jenkins.plugins.cvmfs.notify.proxy.systemd.SocketActivation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "serve",
        description = {
            "Runs the notification service until SIGTERM or Ctrl-C.",
            "",
            "Once it accepts connections it prints one line to standard output, 'listening on http://ADDR:PORT'; its log goes to"
                    + " standard error. When stopped it refuses new requests, finishes those in progress, disconnects"
                    + " subscribers so that they reconnect to the next instance, and exits within limits.drain_timeout.",
            "",
            "SIGHUP reloads the configuration and the keys and certificates that it names. If anything in them is wrong, nothing"
                    + " changes and the log has the reason."
        },
        footer = {
            "  notify-proxy serve --standalone        to try it: no broker, nothing stored",
            "  notify-proxy serve --standalone --state-dir /srv/notify --bind 0.0.0.0",
            "  notify-proxy serve --config /etc/cvmfs/notify/config.json",
            "",
            "'notify-proxy check-config' takes the same options and prints the result."
        },
        exitCodeList = {
            "1:the configuration or the arguments are wrong",
            "4:cannot listen on the address, or cannot use the state folder",
            "130, 143:stopped by Ctrl-C or by SIGTERM"
        })
final class ServeCommand extends RootCommand.Base {

    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    /** The result of the last start or reload; changed by reloads, one at a time. */
    @SuppressWarnings("NullAway.Init") // set before anything can reload
    private volatile LoadedConfig current;

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Override
    public Integer call() throws InterruptedException {
        LoadedConfig loaded = ConfigLoader.load(options.sources(environment));
        ProxyConfig config = loaded.config();
        Logging.setFormat(config.operator().logFormat());
        Logging.setLevel(config.logLevel());
        loaded.warnings().forEach(LOG::warn);
        config.access().localTokenFile().ifPresent(ServeCommand::makeLocalToken);
        tell(loaded.publishing());
        current = loaded;
        OptionalInt socket =
                SocketActivation.socket(environment, ProcessHandle.current().pid());
        try (ServiceManager manager = ServiceManager.of(environment);
                NotifyProxy proxy = started(config, socket)) {
            ProcessSignals.StopHook stop = ProcessSignals.closeOnStop(
                    () -> stop(manager, proxy), config.limits().drainTimeout());
            ExecutorService reload = ProcessSignals.runOnHangUp(() -> {
                manager.reloading();
                reload(proxy);
                manager.reloaded();
            });
            try {
                String listening = "listening on " + url(config, proxy.address());
                out().println(listening);
                out().flush();
                LOG.atInfo()
                        .addKeyValue("version", BuildInfo.version())
                        .addKeyValue("commit", BuildInfo.commit())
                        .addKeyValue("address", url(config, proxy.address()))
                        .addKeyValue("log", proxy.logKind())
                        .addKeyValue(
                                "publish_without_credentials",
                                loaded.publishing().anonymous().text())
                        .log("service started");
                manager.ready(listening, proxy::pulse);
                stop.await();
                return ExitCode.OK;
            } finally {
                reload.shutdownNow();
                stop.withdraw();
            }
        }
    }

    /** Lets the commands on this machine publish without set-up. Without it they need a token of the configuration. */
    private static void makeLocalToken(Path file) {
        try {
            if (LocalToken.makeIfAbsent(file)) {
                LOG.atInfo()
                        .addKeyValue("file", file)
                        .log("created the local token; users who can read it may publish");
            }
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", FileProblem.reason(e))
                    .log("cannot create the local token: commands on this machine need one of access.tokens");
        }
    }

    private static void tell(PublishPosture posture) {
        LOG.atLevel(posture.isOpen() ? Level.WARN : Level.INFO)
                .addKeyValue("who", posture.who())
                .addKeyValue("why", posture.why())
                .log("who may publish");
    }

    private static void stop(ServiceManager manager, NotifyProxy proxy) {
        LOG.atInfo().log("service is stopping: finishing what is in progress");
        manager.stopping();
        proxy.close();
        LOG.atInfo().log("service stopped");
    }

    /** An invalid configuration changes nothing: a typing mistake must not stop the service. */
    private void reload(NotifyProxy proxy) {
        try {
            LoadedConfig next = ConfigLoader.load(options.sources(environment));
            next.warnings().forEach(LOG::warn);
            proxy.reload(next.config());
            Logging.setLevel(next.config().logLevel());
            tellChanges(next);
            current = next;
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("reason", e.getMessage())
                    .log("not reloaded, the previous configuration stays in use");
        }
    }

    private void tellChanges(LoadedConfig next) {
        PublishPosture before = current.publishing();
        PublishPosture now = next.publishing();
        if (now.anonymous() != before.anonymous()) {
            LOG.atWarn()
                    .addKeyValue("before", before.anonymous().text())
                    .addKeyValue("now", now.anonymous().text())
                    .addKeyValue("who", now.who())
                    .addKeyValue("why", now.why())
                    .log("the reload has changed who may publish without credentials");
        }
        LoadedConfig.Changes changes = next.changesSince(current);
        LOG.atInfo()
                .addKeyValue("changed", changes.inEffect())
                .log("reloaded the configuration, with the keys and certificates it names");
        if (!changes.afterRestart().isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("changed", changes.afterRestart())
                    .log("changed keys of the configuration take effect at the next restart");
        }
    }

    private static NotifyProxy started(ProxyConfig config, OptionalInt socket) {
        try {
            NotifyProxy proxy = new NotifyProxy(config, Clock.systemUTC());
            proxy.start(socket);
            return proxy;
        } catch (IOException | PermanentFailureException e) {
            throw new CommandFailure(ExitCode.CANNOT_SERVE, String.valueOf(e.getMessage()), next(e), e);
        }
    }

    private static String next(Exception failure) {
        return failure instanceof IOException
                ? "Choose another --bind or --port, or find the process that listens there: ss -ltnp"
                : "Choose another --state-dir, or check that no other process uses it and that it is writable.";
    }

    private static String url(ProxyConfig config, InetSocketAddress address) {
        String scheme = config.http().tls().identity().isPresent() ? "https" : "http";
        String host = address.getAddress().getHostAddress().replaceFirst("(^|:)0(:0)+(:|$)", "::");
        return "%s://%s:%d".formatted(scheme, host.contains(":") ? "[" + host + "]" : host, address.getPort());
    }
}
