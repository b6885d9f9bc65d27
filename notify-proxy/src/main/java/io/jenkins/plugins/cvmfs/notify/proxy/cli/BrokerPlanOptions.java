package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.Account;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.PasswordSource;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.StreamPlan;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the broker is to have, where the configuration does not say it. */
final class BrokerPlanOptions {

    private static final String USUAL_USER = "worker";
    private static final String PASS_FILE = "amqp.pass_file";

    /** Which rights the proxies' user gets. */
    enum RightsMode {
        STREAM,
        QUEUE;

        /** The word on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--rights",
            paramLabel = "stream|queue",
            description = {
                "What the proxies may do: share a stream, which is made too, or only what the original service's user may.",
                "Default: stream, with amqp.stream off queue."
            })
    private @Nullable RightsMode rights;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "On how many nodes of a cluster the stream is made. Default: all that are up.")
    private @Nullable Integer replicas;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "The proxies' user. Default: amqp.user, else " + USUAL_USER + ".")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = {
                "File with the password of the proxies' user on its only line. If there is no such file, a password is made up"
                        + " and written there, for its owner only to read. Default: " + PASS_FILE + ", else amqp.pass."
            })
    private @Nullable Path passwordFile;

    @Option(
            names = "--publisher",
            paramLabel = "NAME",
            description = "Also make a user that may only publish to the exchange, for programs that use no proxy.")
    private @Nullable String publisher;

    @Option(
            names = "--publisher-password-file",
            paramLabel = "FILE",
            description = "The same for the user of --publisher.")
    private @Nullable Path publisherPasswordFile;

    /** @throws InvalidInputException if the options contradict each other or the administrator's name */
    BrokerPlan plan(LoadedConfig loaded, String admin) {
        AmqpConfig amqp = loaded.config().amqp();
        if (publisherPasswordFile != null && publisher == null) {
            throw new InvalidInputException("--publisher-password-file needs --publisher NAME");
        }
        Account proxy =
                new Account(user == null ? (amqp.user().isEmpty() ? USUAL_USER : amqp.user()) : user, password(loaded));
        Optional<Account> other =
                Optional.ofNullable(publisher).map(name -> new Account(name, inFile(publisherPasswordFile)));
        if (proxy.name().equals(admin) || proxy.name().equals(publisher) || admin.equals(publisher)) {
            throw new InvalidInputException(
                    "administrator, --user and --publisher must be different users, as they get different rights");
        }
        return new BrokerPlan(amqp.vhost(), amqp.exchange(), stream(amqp), proxy, other);
    }

    private Optional<StreamPlan> stream(AmqpConfig amqp) {
        RightsMode mode =
                rights == null ? (amqp.stream() == StreamUse.OFF ? RightsMode.QUEUE : RightsMode.STREAM) : rights;
        if (mode == RightsMode.QUEUE) {
            if (replicas != null) {
                throw new InvalidInputException("--replicas is about the stream, and --rights queue makes none");
            }
            return Optional.empty();
        }
        if (replicas != null && replicas < 1) {
            throw new InvalidInputException("--replicas %d is below 1".formatted(replicas));
        }
        OptionalInt count = replicas == null ? OptionalInt.empty() : OptionalInt.of(replicas);
        return Optional.of(new StreamPlan(amqp.streamName(), amqp.streamMaxBytes(), count));
    }

    private PasswordSource password(LoadedConfig loaded) {
        if (passwordFile != null) {
            return PasswordSource.in(passwordFile);
        }
        String configured = loaded.settings().stream()
                .filter(setting -> setting.path().equals(PASS_FILE))
                .map(setting -> setting.shown().toString())
                .findFirst()
                .orElse("");
        if (!configured.isEmpty()) {
            return PasswordSource.in(Path.of(configured));
        }
        return loaded.config().amqp().pass().isEmpty()
                ? new PasswordSource.Unknown()
                : new PasswordSource.Known(loaded.config().amqp().pass());
    }

    private static PasswordSource inFile(@Nullable Path file) {
        return file == null ? new PasswordSource.Unknown() : PasswordSource.in(file);
    }
}
