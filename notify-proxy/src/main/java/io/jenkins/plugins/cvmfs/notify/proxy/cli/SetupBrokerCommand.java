package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan.Account;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan.LogStream;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Report;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Step;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.ManagementApi;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.PasswordSource;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "setup-broker",
        description = {
            "Prepares a RabbitMQ for 'serve' through the broker's management API: virtual host, users, permissions, exchange, stream"
                    + " and policies, with the names in the configuration.",
            "",
            "Prints one line for each. Running it again changes nothing, and repairs what has changed since."
        },
        footer = {
            "  notify-proxy setup-broker --password-file /etc/cvmfs/notify/amqp.pass \\",
            "      --admin admin --admin-password-file admin.pass --dry-run",
            "  notify-proxy setup-broker --config config.json --rights queue",
            "  notify-proxy setup-broker --print-definitions > definitions.json"
        },
        exitCodeList = {
            "0:the broker is ready; with --dry-run: it can be made ready",
            "1:the configuration or the arguments are wrong",
            "12:the broker cannot be reached, refuses something, or has a conflicting object"
        })
final class SetupBrokerCommand extends RootCommand.Base {

    @Mixin
    private ConfigOptions.FileOptions configFile = new ConfigOptions.FileOptions();

    @Mixin
    private BrokerOptions options = new BrokerOptions();

    @Option(names = "--dry-run", description = "Print what would be done, and change nothing.")
    private boolean dryRun;

    @Option(
            names = "--print-definitions",
            description =
                    "Instead of using the management API, print a definitions file, which RabbitMQ loads itself. It"
                            + " contains the passwords' salted hashes.")
    private boolean printDefinitions;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        LoadedConfig loaded = ConfigLoader.loadBeforeSecrets(configFile.sources(environment, List.of(), true));
        loaded.warnings().forEach(warning -> err().println("warning: " + warning));
        BrokerPlan plan = options.plan(loaded);
        if (printDefinitions) {
            if (dryRun) {
                throw new InvalidInputException("--print-definitions does not contact a broker; leave --dry-run out");
            }
            out().println(plan.definitions().toPrettyString());
            return ExitCode.OK;
        }
        Report report = setUp(options.api(loaded.config().amqp(), environment), plan);
        if (json) {
            out().println(json(report));
        } else {
            printText(report);
            report.notes().forEach(note -> err().println("note: " + note));
        }
        return report.hasConflict() ? ExitCode.SETUP_FAILED : ExitCode.OK;
    }

    private Report setUp(ManagementApi api, BrokerPlan plan) {
        try {
            BrokerSetup setup = BrokerSetup.compare(api, plan);
            if (!dryRun) {
                setup.apply();
            }
            return setup.report();
        } catch (InvalidInputException e) {
            throw e;
        } catch (NotifyException e) {
            throw new CommandFailure(
                    ExitCode.SETUP_FAILED,
                    String.valueOf(e.getMessage()),
                    "Fix this and run the command again; earlier changes stay. --management and --admin name the API and the user.",
                    e);
        }
    }

    private void printText(Report report) {
        for (Step step : report.steps()) {
            String word = dryRun
                    ? switch (step.outcome()) {
                        case CREATED -> "would create";
                        case CHANGED -> "would change";
                        default -> name(step.outcome());
                    }
                    : name(step.outcome());
            String detail = step.detail().isEmpty() ? "" : ": " + step.detail();
            out().println("%-13s %-10s %s%s".formatted(word, step.kind(), step.name(), detail));
        }
        out().println((dryRun
                        ? "dry run: would create %d, change %d, leave %d unchanged%s"
                        : "done: %d created, %d changed, %d unchanged%s")
                .formatted(
                        report.count(Outcome.CREATED),
                        report.count(Outcome.CHANGED),
                        report.count(Outcome.UNCHANGED),
                        report.hasConflict() ? ", %d in conflict".formatted(report.count(Outcome.CONFLICT)) : ""));
    }

    private ObjectNode json(Report report) {
        ObjectNode all = Output.object().put("dry_run", dryRun).put("rabbitmq_version", report.version());
        for (Outcome outcome : Outcome.values()) {
            all.put(name(outcome), report.count(outcome));
        }
        ArrayNode steps = all.putArray("steps");
        for (Step step : report.steps()) {
            steps.addObject()
                    .put("kind", step.kind())
                    .put("name", step.name())
                    .put("outcome", name(step.outcome()))
                    .put("detail", step.detail());
        }
        ArrayNode notes = all.putArray("notes");
        report.notes().forEach(notes::add);
        return all;
    }

    private static String name(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    /** The options of {@code setup-broker} that say how to reach the broker, and what the configuration does not say about its state. */
    static final class BrokerOptions {

        static final String PASSWORD_VARIABLE = "RABBITMQ_ADMIN_PASSWORD";

        private static final Logger LOG = LoggerFactory.getLogger(BrokerOptions.class);
        private static final int PORT = 15672;
        private static final int TLS_PORT = 15671;
        private static final String DEFAULT_USER = "worker";
        private static final String PASS_FILE = "amqp.pass_file";

        /** The rights of the proxies' user. */
        enum RightsMode {
            STREAM,
            QUEUE;

            /** Returns the word on the command line. */
            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Option(
                names = "--management",
                paramLabel = "URL",
                description = {
                    "The broker's management API.",
                    "Default: port 15672 of the first host of amqp.url; with amqp.tls https, and port 15671."
                })
        private @Nullable URI server;

        @Option(
                names = "--admin",
                paramLabel = "NAME",
                defaultValue = "guest",
                description =
                        "A user with the tag administrator. Default: guest, who may log in only on the broker's own machine.")
        @SuppressWarnings("NullAway.Init") // picocli sets it: it has a default
        private String admin;

        @Option(
                names = "--admin-password-file",
                paramLabel = "FILE",
                description = {
                    "File with that user's password on its only line. Default: the environment variable "
                            + PASSWORD_VARIABLE + ". There is no option for the password itself: other users can see"
                            + " arguments."
                })
        private @Nullable Path adminPasswordFile;

        @Option(
                names = "--ca-file",
                paramLabel = "FILE",
                description =
                        "PEM file with the authorities that may sign the API's certificate. Default: amqp.ca_file, else the"
                                + " JVM's.")
        private @Nullable Path caFile;

        @Option(
                names = "--rights",
                paramLabel = "stream|queue",
                description = {
                    "Rights of the proxies: to share a stream, which is also created, or only those of the original service's user.",
                    "Default: stream; with amqp.stream off, queue."
                })
        private @Nullable RightsMode rights;

        @Option(
                names = "--replicas",
                paramLabel = "N",
                description = "Number of cluster nodes on which the stream is created. Default: all that are up.")
        private @Nullable Integer replicas;

        @Option(
                names = "--user",
                paramLabel = "NAME",
                description = "The proxies' user. Default: amqp.user, else " + DEFAULT_USER + ".")
        private @Nullable String user;

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                description = {
                    "File with the password of the proxies' user on its only line. If the file does not exist, a random password is"
                            + " written to it, readable only by its owner. Default: " + PASS_FILE + ", else amqp.pass."
                })
        private @Nullable Path passwordFile;

        @Option(
                names = "--publisher",
                paramLabel = "NAME",
                description =
                        "Also create a user that may only publish to the exchange, for programs that use no proxy.")
        private @Nullable String publisher;

        @Option(
                names = "--publisher-password-file",
                paramLabel = "FILE",
                description = "The same as --password-file for the user of --publisher.")
        private @Nullable Path publisherPasswordFile;

        /** @throws InvalidInputException if there is no password, or an option is invalid */
        ManagementApi api(AmqpConfig amqp, Map<String, String> environment) {
            return ManagementApi.at(
                    server(amqp),
                    admin,
                    adminPassword(environment),
                    caFile == null ? amqp.caFile() : Optional.of(caFile));
        }

        private URI server(AmqpConfig amqp) {
            if (server == null) {
                String host = amqp.url().split(",", 2)[0].trim();
                String literal = host.contains(":") ? "[" + host + "]" : host;
                return URI.create(
                        amqp.tls()
                                ? "https://%s:%d".formatted(literal, TLS_PORT)
                                : "http://%s:%d".formatted(literal, PORT));
            }
            if (server.getHost() == null
                    || !("http".equals(server.getScheme()) || "https".equals(server.getScheme()))) {
                throw new InvalidInputException("--management is not an http or https URL with a host");
            }
            if (server.getRawUserInfo() != null) {
                throw new InvalidInputException(
                        "--management must not contain a user or password; give --admin and --admin-password-file");
            }
            return server;
        }

        private Secret adminPassword(Map<String, String> environment) {
            if (adminPasswordFile != null) {
                Secret.warning(adminPasswordFile).ifPresent(LOG::warn);
                return Secret.read(adminPasswordFile);
            }
            String password = environment.getOrDefault(PASSWORD_VARIABLE, "");
            if (password.isEmpty()) {
                throw new InvalidInputException("no password for the user %s; give --admin-password-file or set %s"
                        .formatted(admin, PASSWORD_VARIABLE));
            }
            return new Secret(password);
        }

        /** @throws InvalidInputException if the options contradict each other or the administrator's name */
        BrokerPlan plan(LoadedConfig loaded) {
            AmqpConfig amqp = loaded.config().amqp();
            if (publisherPasswordFile != null && publisher == null) {
                throw new InvalidInputException("--publisher-password-file needs --publisher NAME");
            }
            String proxy = user == null ? (amqp.user().isEmpty() ? DEFAULT_USER : amqp.user()) : user;
            if (proxy.equals(admin) || proxy.equals(publisher) || admin.equals(publisher)) {
                throw new InvalidInputException(
                        "administrator, --user and --publisher must be different users, as they get different rights");
            }
            if (publisherPasswordFile != null
                    && Files.notExists(publisherPasswordFile)
                    && passwordFile(loaded)
                            .map(BrokerOptions::absolute)
                            .equals(Optional.of(absolute(publisherPasswordFile)))) {
                throw new InvalidInputException("--publisher-password-file must differ from --password-file and "
                        + PASS_FILE + ", unless the file exists: a new file gets the password of one user");
            }
            return new BrokerPlan(
                    amqp.vhost(),
                    amqp.exchange(),
                    stream(amqp),
                    new Account(proxy, password(loaded)),
                    Optional.ofNullable(publisher).map(name -> new Account(name, in(publisherPasswordFile))));
        }

        private Optional<LogStream> stream(AmqpConfig amqp) {
            RightsMode mode =
                    rights == null ? (amqp.stream() == StreamUse.OFF ? RightsMode.QUEUE : RightsMode.STREAM) : rights;
            if (mode == RightsMode.QUEUE) {
                if (replicas != null) {
                    throw new InvalidInputException("--replicas is for the stream, and --rights queue creates none");
                }
                return Optional.empty();
            }
            if (replicas != null && replicas < 1) {
                throw new InvalidInputException("--replicas %d is below 1".formatted(replicas));
            }
            OptionalInt count = replicas == null ? OptionalInt.empty() : OptionalInt.of(replicas);
            return Optional.of(new LogStream(amqp.streamName(), amqp.streamMaxBytes(), count));
        }

        private PasswordSource password(LoadedConfig loaded) {
            Secret pass = loaded.config().amqp().pass();
            return passwordFile(loaded)
                    .map(PasswordSource::in)
                    .orElseGet(() -> pass.isEmpty() ? new PasswordSource.Unknown() : new PasswordSource.Known(pass));
        }

        private Optional<Path> passwordFile(LoadedConfig loaded) {
            if (passwordFile != null) {
                return Optional.of(passwordFile);
            }
            return loaded.settings().stream()
                    .filter(setting -> setting.path().equals(PASS_FILE))
                    .map(setting -> setting.shown().toString())
                    .filter(file -> !file.isEmpty())
                    .map(Path::of)
                    .findFirst();
        }

        private static Path absolute(Path file) {
            return file.toAbsolutePath().normalize();
        }

        private static PasswordSource in(@Nullable Path file) {
            return file == null ? new PasswordSource.Unknown() : PasswordSource.in(file);
        }
    }
}
