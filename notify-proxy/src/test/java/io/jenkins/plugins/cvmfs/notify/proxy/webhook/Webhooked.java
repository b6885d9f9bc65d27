package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Body;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Event;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Configurations and announcements for the tests of webhooks. */
final class Webhooked {

    /** The example of Standard Webhooks' libraries. */
    static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static final AtomicLong OFFSETS = new AtomicLong();

    private Webhooked() {}

    static WebhookConfig config(URI url, Body body, Path... secrets) {
        return config(url, Event.ANNOUNCED, null, body, secrets);
    }

    static WebhookConfig config(URI url, Event event, @Nullable Requirement require, Body body, Path... secrets) {
        return new WebhookConfig(
                "ci",
                url,
                event,
                Optional.ofNullable(require),
                List.of(new RepositoryPattern("*")),
                List.of(secrets),
                Optional.empty(),
                body,
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                true);
    }

    /** For webhooks that are told of announcements. */
    static Readability nothingReadable() {
        return new Readability(TestConfigs.standalone(0), repository -> List.of(), repository -> Optional.empty());
    }

    static Path secretFile(Path folder) {
        try {
            return Files.writeString(folder.resolve("secret"), SECRET + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Announcement announcement(String repository, long revision) {
        return announcement(repository, revision, ManualClock.START);
    }

    static Announcement announcement(String repository, long revision, Instant at) {
        String manifest = "C%040x\nRd41d8cd98f00b204e9800998ecf8427e\nD240\nS%d\nN%s\nT1795468395\n--\n"
                .formatted(revision, revision, repository);
        return new Announcement(
                ActivityMessage.announce(manifest.getBytes(UTF_8), at),
                new LogPosition("test", OFFSETS.incrementAndGet()),
                at);
    }
}
