package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.Quorum;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When announcements are delivered, and where to without a subscription.
 *
 * @param replayDelay how long after it connects a CVMFS client gets a last value that its address received before; zero for at once
 * @param repeatAfter how long after an announcement CVMFS clients get it once more; zero for never
 * @param hold what must be readable where, before subscribers are told
 * @param webhooks addresses that announcements are sent to
 */
public record DeliveryConfig(
        Duration replayDelay, Duration repeatAfter, List<HoldConfig> hold, List<WebhookConfig> webhooks) {

    /** Each has a file, metrics and up to four connections. */
    private static final int MAX_WEBHOOKS = 100;

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public DeliveryConfig {
        hold = List.copyOf(hold);
        webhooks = List.copyOf(webhooks);
        ConfigKey.REPLAY_DELAY.require(replayDelay);
        ConfigKey.REPEAT_AFTER.require(repeatAfter);
        if (webhooks.size() > MAX_WEBHOOKS) {
            throw new InvalidInputException(
                    "webhooks: %d are named, at most %d are allowed".formatted(webhooks.size(), MAX_WEBHOOKS));
        }
        if (webhooks.stream().map(WebhookConfig::name).distinct().count() < webhooks.size()) {
            throw new InvalidInputException("webhooks: two have the same name");
        }
    }

    static DeliveryConfig from(ConfigValues values) {
        return new DeliveryConfig(
                values.get(ConfigKey.REPLAY_DELAY),
                values.get(ConfigKey.REPEAT_AFTER),
                values.get(ConfigKey.HOLD),
                values.get(ConfigKey.WEBHOOKS));
    }

    /**
     * Returns how the announcements of a repository are held: by the entry with its exact name, else by the first pattern that matches;
     * empty if they are not.
     */
    public Optional<HoldConfig> holdOf(RepositoryName repository) {
        return RepositoryPattern.best(hold, HoldConfig::name, repository);
    }

    /**
     * An address that announcements are sent to.
     *
     * @param name names it in metrics, in the state folder and in the ids of its messages
     * @param url where to; it may hold a secret, so it is shown as its {@link #place} only
     * @param event what it is told of them
     * @param require with {@link Event#READABLE}, how many replicas must serve the revision; empty for as many as the hold of the
     *     repository asks for, without one all
     * @param repositories of which repositories
     * @param secretFiles each with a secret that signs the messages; several while one replaces another
     * @param headersFile further header fields, one a line
     * @param body the form of a message
     * @param timeout of one attempt
     * @param giveUpAfter how long after the first attempt the last one begins
     * @param allowPrivate whether it may have an address of the loopback or of a private network
     */
    public record WebhookConfig(
            String name,
            URI url,
            Event event,
            Optional<Requirement> require,
            List<RepositoryPattern> repositories,
            List<Path> secretFiles,
            Optional<Path> headersFile,
            Body body,
            Duration timeout,
            Duration giveUpAfter,
            boolean allowPrivate) {

        private static final Set<String> SCHEMES = Set.of("http", "https");

        /** As Standard Webhooks asks. */
        private static final String SECRET_PREFIX = "whsec_";

        private static final int SHORTEST_SECRET = 24;
        private static final int LONGEST_SECRET = 64;
        private static final int MOST_SECRETS = 5;
        private static final int MOST_HEADERS = 20;
        private static final long LONGEST_HEADERS_FILE = 16 * 1024;
        private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(\\p{Print}+)");

        /** Set by the sender. */
        private static final Set<String> OWN_HEADERS = Set.of(
                "host",
                "content-length",
                "content-type",
                "connection",
                "expect",
                "te",
                "trailer",
                "transfer-encoding",
                "upgrade",
                "webhook-id",
                "webhook-timestamp",
                "webhook-signature");

        /** The occasion of a message. */
        public enum Event {
            /** A revision was announced. */
            ANNOUNCED,
            /** Replicas serve an announced revision. */
            READABLE;

            /** Returns its name in messages. */
            public String word() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        /** The forms of a message. */
        public enum Body {
            /** A CloudEvent 1.0 in JSON, signed as Standard Webhooks says. */
            CLOUDEVENTS,
            /** A {@code repository_dispatch} of GitHub. */
            GITHUB,
            /** The form that triggers a pipeline of GitLab. */
            GITLAB
        }

        /** @throws InvalidInputException if the keys contradict each other; the message names them */
        public WebhookConfig {
            repositories = List.copyOf(repositories);
            secretFiles = List.copyOf(secretFiles);
            ConfigKey.WEBHOOK_TIMEOUT.require(timeout);
            ConfigKey.WEBHOOK_GIVE_UP.require(giveUpAfter);
            if (repositories.isEmpty()) {
                throw new InvalidInputException("repositories: none is named; leave the key out for all");
            }
            if (event == Event.ANNOUNCED && require.isPresent()) {
                throw new InvalidInputException("require: it has an effect only with the event readable");
            }
            if (secretFiles.size() > MOST_SECRETS) {
                throw new InvalidInputException(
                        "secret_files: %d are named, at most %d sign".formatted(secretFiles.size(), MOST_SECRETS));
            }
            if (secretFiles.isEmpty() && body == Body.CLOUDEVENTS) {
                throw new InvalidInputException(
                        "secret_files is missing: receivers verify the signature; make a secret with: echo"
                                + " \"whsec_$(openssl rand -base64 32)\"");
            }
            if (headersFile.isPresent() && !url.getScheme().equalsIgnoreCase("https") && !allowPrivate) {
                throw new InvalidInputException(
                        "headers_file: the url must begin with https://, because these headers are credentials");
            }
        }

        static WebhookConfig from(ConfigValues entry) {
            return new WebhookConfig(
                    entry.get(ConfigKey.WEBHOOK_NAME),
                    entry.get(ConfigKey.WEBHOOK_URL),
                    entry.get(ConfigKey.WEBHOOK_EVENT),
                    entry.get(ConfigKey.WEBHOOK_REQUIRE),
                    entry.get(ConfigKey.WEBHOOK_REPOSITORIES),
                    entry.get(ConfigKey.WEBHOOK_SECRETS),
                    entry.get(ConfigKey.WEBHOOK_HEADERS),
                    entry.get(ConfigKey.WEBHOOK_BODY),
                    entry.get(ConfigKey.WEBHOOK_TIMEOUT),
                    entry.get(ConfigKey.WEBHOOK_GIVE_UP),
                    entry.get(ConfigKey.ALLOW_PRIVATE));
        }

        /**
         * Reads a URL.
         *
         * @throws InvalidInputException if it is not an http or https URL; the message does not show the URL
         */
        static URI url(String text) {
            URI url;
            try {
                url = new URI(text);
            } catch (URISyntaxException e) {
                // Its message has the text.
                throw invalidUrl("is malformed");
            }
            if (url.getScheme() == null || !SCHEMES.contains(url.getScheme().toLowerCase(Locale.ROOT))) {
                throw invalidUrl("does not begin with https:// or http://");
            }
            if (url.getHost() == null) {
                throw invalidUrl("has no host");
            }
            if (url.getRawUserInfo() != null) {
                throw invalidUrl("has a user's name; put an Authorization header into headers_file");
            }
            if (url.getRawFragment() != null) {
                throw invalidUrl("has a fragment");
            }
            if (url.getPort() == 0 || url.getPort() > 65_535) {
                throw invalidUrl("has a port outside 1 to 65535");
            }
            return url;
        }

        private static InvalidInputException invalidUrl(String problem) {
            return new InvalidInputException(
                    "the URL %s (it is not shown because it may hold a secret)".formatted(problem));
        }

        /**
         * Checks that one that waits for replicas names repositories that have some.
         *
         * @throws InvalidInputException if a repository has no watched replica, or fewer than required
         */
        void requireReplicas(WatchConfig watch, DeliveryConfig delivery) {
            if (event != Event.READABLE) {
                return;
            }
            if (watch.maxReplicas() == 0) {
                throw new InvalidInputException(
                        "%s is to wait for replicas, but watch.max_replicas is 0".formatted(name));
            }
            if (watch.replicas().isEmpty() && (delivery.hold().isEmpty() || !watch.hold())) {
                throw new InvalidInputException(
                        "%s is to wait for replicas, but none are watched; name them in watch.replicas or hold"
                                .formatted(name));
            }
            for (RepositoryPattern pattern : repositories) {
                if (pattern.isExact()) {
                    RepositoryName repository = new RepositoryName(pattern.text());
                    Quorum quorum = watch.quorumOf(repository, delivery, require)
                            .orElseThrow(() -> new InvalidInputException(
                                    "%s is to wait for replicas, but none of %s are watched; name them in watch.replicas or hold"
                                            .formatted(name, repository)));
                    require.ifPresent(wanted -> wanted.of(quorum.replicas().size()));
                }
            }
        }

        /** Returns scheme, host and port. */
        public String place() {
            return url.getScheme() + "://" + url.getRawAuthority();
        }

        /** Returns true if it is told of this repository. */
        public boolean isFor(RepositoryName repository) {
            return repositories.stream().anyMatch(pattern -> pattern.matches(repository));
        }

        /** @throws InvalidInputException if a file that it names cannot be used; the message says which */
        void requireFiles() {
            var unusedKeys = readKeys();
            var unusedHeaders = readHeaders();
        }

        /**
         * Reads the keys that sign; blocks on files.
         *
         * @throws InvalidInputException if a file cannot be used; the message names it
         */
        public List<byte[]> readKeys() {
            return secretFiles.stream()
                    .map(file -> key(file, Secret.read(file).value()))
                    .toList();
        }

        private static byte[] key(Path file, String secret) {
            byte[] key = {};
            if (secret.startsWith(SECRET_PREFIX)) {
                try {
                    key = Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length()));
                } catch (IllegalArgumentException notBase64) {
                    // Reported below; its message shows a part.
                    key = new byte[0];
                }
            }
            if (key.length < SHORTEST_SECRET || key.length > LONGEST_SECRET) {
                throw new InvalidInputException("file %s must hold %s and %d to %d bytes in base64"
                        .formatted(file, SECRET_PREFIX, SHORTEST_SECRET, LONGEST_SECRET));
            }
            return key;
        }

        /**
         * Reads the further header fields; blocks on the file.
         *
         * @throws InvalidInputException if it cannot be used; the message names it, and shows nothing of it
         */
        public Map<String, String> readHeaders() {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            if (headersFile.isEmpty()) {
                return headers;
            }
            Path file = headersFile.get();
            List<String> lines = lines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                Matcher matcher = HEADER.matcher(line);
                if (line.isEmpty()) {
                    continue;
                }
                if (!matcher.matches()) {
                    throw new InvalidInputException(
                            "file %s, line %d, is not a header such as Authorization: Bearer TOKEN"
                                    .formatted(file, i + 1));
                }
                String name = matcher.group(1);
                if (OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))
                        || headers.put(name, matcher.group(2)) != null) {
                    throw new InvalidInputException(
                            "file %s, line %d: the header %s is set otherwise already".formatted(file, i + 1, name));
                }
            }
            if (headers.size() > MOST_HEADERS) {
                throw new InvalidInputException("file %s has more than %d headers".formatted(file, MOST_HEADERS));
            }
            return headers;
        }

        private static List<String> lines(Path file) {
            try {
                if (Files.size(file) > LONGEST_HEADERS_FILE) {
                    throw new InvalidInputException(
                            "file %s is longer than %d bytes".formatted(file, LONGEST_HEADERS_FILE));
                }
                return Files.readString(file, StandardCharsets.UTF_8).lines().toList();
            } catch (IOException e) {
                throw new InvalidInputException("file %s cannot be read: %s".formatted(file, FileProblem.reason(e)), e);
            }
        }

        @Override
        public String toString() {
            return "webhook %s to %s".formatted(name, place());
        }
    }
}
