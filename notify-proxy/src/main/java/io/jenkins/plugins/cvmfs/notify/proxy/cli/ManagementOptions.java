package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.ManagementApi;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.SecretFile;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** How to reach the broker's management API, and as whom. */
final class ManagementOptions {

    static final String PASSWORD_VARIABLE = "RABBITMQ_ADMIN_PASSWORD";

    private static final Logger LOG = LoggerFactory.getLogger(ManagementOptions.class);
    private static final int PORT = 15672;
    private static final int TLS_PORT = 15671;

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
                    "A user with the tag administrator. Default: guest, which the broker's own machine only may use.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it has a default
    private String admin;

    @Option(
            names = "--admin-password-file",
            paramLabel = "FILE",
            description = {
                "File with that user's password on its only line. Default: the environment variable "
                        + PASSWORD_VARIABLE + ". A password is never taken from an argument, which others can see."
            })
    private @Nullable Path passwordFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description =
                    "PEM file with the authorities that may sign the API's certificate. Default: amqp.ca_file, else the"
                            + " JVM's.")
    private @Nullable Path caFile;

    String admin() {
        return admin;
    }

    /** @throws InvalidInputException if there is no password, or something named is wrong */
    ManagementApi api(AmqpConfig amqp, Map<String, String> environment) {
        return ManagementApi.at(
                server(amqp), admin, password(environment), caFile == null ? amqp.caFile() : Optional.of(caFile));
    }

    /** Where it is. */
    URI server(AmqpConfig amqp) {
        if (server == null) {
            String host = amqp.url().split(",", 2)[0].trim();
            String literal = host.contains(":") ? "[" + host + "]" : host;
            return URI.create(
                    amqp.tls()
                            ? "https://%s:%d".formatted(literal, TLS_PORT)
                            : "http://%s:%d".formatted(literal, PORT));
        }
        if (server.getHost() == null || !("http".equals(server.getScheme()) || "https".equals(server.getScheme()))) {
            throw new InvalidInputException("--management is no http or https URL with a host");
        }
        if (server.getRawUserInfo() != null) {
            throw new InvalidInputException(
                    "--management must hold no user and no password; give --admin and --admin-password-file");
        }
        return server;
    }

    private Secret password(Map<String, String> environment) {
        if (passwordFile != null) {
            SecretFile.warning(passwordFile).ifPresent(LOG::warn);
            return SecretFile.read(passwordFile);
        }
        String password = environment.getOrDefault(PASSWORD_VARIABLE, "");
        if (password.isEmpty()) {
            throw new InvalidInputException("no password for the user %s; give --admin-password-file or set %s"
                    .formatted(admin, PASSWORD_VARIABLE));
        }
        return new Secret(password);
    }
}
