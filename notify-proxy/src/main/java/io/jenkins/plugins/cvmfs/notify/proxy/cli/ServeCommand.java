package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
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
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        description = {
            "Runs the notification service until it is told to stop (SIGTERM or Ctrl-C).",
            "",
            "Once it accepts connections it prints one line to standard output, 'listening on http://ADDR:PORT'; its log goes to"
                    + " standard error. When it is told to stop it refuses new work, finishes what it has begun, sends"
                    + " subscribers away so that they come back to the next one, and exits within limits.drain_timeout.",
            "",
            "SIGHUP makes it read its configuration again, with the keys and certificates that it names. If anything is wrong with"
                    + " them, everything stays as it was and the log says why."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  notify-proxy serve --standalone        to try it out: no broker, nothing kept",
            "  notify-proxy serve --standalone --state-dir /srv/notify --bind 0.0.0.0",
            "  notify-proxy serve --config /etc/cvmfs/notify/config.json",
            "",
            "'notify-proxy check-config' takes the same options and shows what they come to."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "1:the configuration or the arguments are wrong",
            "4:cannot listen on the address, or cannot use the state folder",
            "130, 143:it was told to stop, by Ctrl-C or by SIGTERM, and did"
        })
final class ServeCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** What counts now; changed by reloads, one at a time. */
    @SuppressWarnings("NullAway.Init") // set before anything can reload
    private volatile PublishPosture publishing;

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    ServeCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws InterruptedException {
        LoadedConfig loaded = ConfigLoader.load(options.sources(environment));
        ProxyConfig config = loaded.config();
        LogOutput.use(config.operator().logFormat());
        LogLevel.set(config.logLevel());
        loaded.warnings().forEach(LOG::warn);
        config.access().localTokenFile().ifPresent(ServeCommand::makeLocalToken);
        tell(loaded.publishing());
        publishing = loaded.publishing();
        OptionalInt socket =
                SocketActivation.socket(environment, ProcessHandle.current().pid());
        try (ServiceManager manager = ServiceManager.of(environment);
                NotifyProxy proxy = started(config, socket)) {
            StopSignal stop = StopSignal.closing(
                    () -> stop(manager, proxy), config.limits().drainTimeout());
            HangUpSignal reload = HangUpSignal.running(() -> {
                manager.reloading();
                reload(proxy);
                manager.reloaded();
            });
            try {
                String listening = "listening on " + url(config, proxy.address());
                spec.commandLine().getOut().println(listening);
                spec.commandLine().getOut().flush();
                manager.ready(listening, proxy::pulse);
                stop.await();
                return ExitCode.OK;
            } finally {
                reload.close();
                stop.withdraw();
            }
        }
    }

    /** So that the commands on this machine may publish without any set-up. Without it they need a token that somebody gives them. */
    private static void makeLocalToken(Path file) {
        try {
            if (LocalToken.makeIfAbsent(file)) {
                LOG.atInfo().addKeyValue("file", file).log("made the local token; whoever may read it may publish");
            }
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.toString())
                    .log("cannot make the local token: commands on this machine need one of access.tokens");
        }
    }

    private static void tell(PublishPosture posture) {
        LOG.atLevel(posture.isOpen() ? Level.WARN : Level.INFO)
                .addKeyValue("who", posture.who())
                .addKeyValue("why", posture.why())
                .log("who may publish");
    }

    private static void stop(ServiceManager manager, NotifyProxy proxy) {
        manager.stopping();
        proxy.close();
    }

    /** What is wrong leaves the proxy as it is: it must not stop because somebody made a typing mistake. */
    private void reload(NotifyProxy proxy) {
        try {
            LoadedConfig next = ConfigLoader.load(options.sources(environment));
            next.warnings().forEach(LOG::warn);
            proxy.reload(next.config());
            tellIfChanged(next.publishing());
            LogLevel.set(next.config().logLevel());
            LOG.atInfo().log("reloaded the configuration, with the keys and certificates it names");
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("reason", e.getMessage()).log("not reloaded, everything stays as it was");
        }
    }

    private void tellIfChanged(PublishPosture next) {
        if (next.anonymous() != publishing.anonymous()) {
            LOG.atWarn()
                    .addKeyValue("before", publishing.anonymous().text())
                    .addKeyValue("now", next.anonymous().text())
                    .addKeyValue("who", next.who())
                    .addKeyValue("why", next.why())
                    .log("the reload has changed who may publish without credentials");
        }
        publishing = next;
    }

    private static NotifyProxy started(ProxyConfig config, OptionalInt socket) {
        try {
            NotifyProxy proxy = new NotifyProxy(config, Clock.systemUTC());
            if (socket.isPresent()) {
                proxy.startOn(socket.getAsInt());
            } else {
                proxy.start();
            }
            return proxy;
        } catch (IOException | PermanentFailureException e) {
            throw new CommandFailure(ExitCode.CANNOT_SERVE, String.valueOf(e.getMessage()), next(e), e);
        }
    }

    private static String next(Exception failure) {
        return failure instanceof IOException
                ? "Choose another --bind or --port, or look who listens there: ss -ltnp"
                : "Choose another --state-dir, or look who uses that one and whether it can be written.";
    }

    private static String url(ProxyConfig config, InetSocketAddress address) {
        String scheme = config.http().tls().identity().isPresent() ? "https" : "http";
        String host = address.getAddress().getHostAddress().replaceFirst("(^|:)0(:0)+(:|$)", "::");
        return "%s://%s:%d".formatted(scheme, host.contains(":") ? "[" + host + "]" : host, address.getPort());
    }
}
