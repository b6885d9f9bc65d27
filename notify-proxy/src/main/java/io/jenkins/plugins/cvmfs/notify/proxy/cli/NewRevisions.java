package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Picks out of everything that is heard what the user wants to know: announcements with a revision above the highest so far, and
 * verified if that is asked for. Called by the subscriber's thread.
 */
final class NewRevisions implements SubscriptionListener {

    private static final Logger LOG = LoggerFactory.getLogger(NewRevisions.class);

    private final Revision after;
    private final AnnouncementCheck check;
    private final BiConsumer<ActivityMessage, Boolean> sink;
    private final Map<RepositoryName, Revision> highest = new HashMap<>();
    private final Map<RepositoryName, String> refusals = new HashMap<>();
    private volatile @Nullable String obstacle;
    private boolean complained;

    /**
     * @param after tell of higher revisions only
     * @param sink takes each new revision, and whether it was verified; may block
     */
    NewRevisions(Revision after, AnnouncementCheck check, BiConsumer<ActivityMessage, Boolean> sink) {
        this.after = after;
        this.check = check;
        this.sink = sink;
    }

    @Override
    public void activity(ActivityMessage message) {
        if (!message.revision().isNewerThan(highest.getOrDefault(message.repository(), after))) {
            LOG.atDebug()
                    .addKeyValue("repository", message.repository())
                    .addKeyValue("revision", message.revision())
                    .log("not a new revision");
            return;
        }
        try {
            AnnouncementCheck.Result result = check.check(message);
            if (result != AnnouncementCheck.Result.REJECTED) {
                highest.put(message.repository(), message.revision());
                sink.accept(message, result == AnnouncementCheck.Result.VERIFIED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why nothing can be heard at the moment, of one repository or of all; empty if nothing is known to be in the way. */
    Optional<String> obstacle() {
        return Optional.ofNullable(obstacle);
    }

    @Override
    public void connected(SubscriptionListener.Connection connection) {
        complained = false;
        LOG.atInfo()
                .addKeyValue("url", connection.url())
                .addKeyValue("protocol", connection.protocol())
                .log("connected");
    }

    /** One warning for each time the server goes away, not for each attempt to find it. */
    @Override
    public void disconnected(NotifyException cause, Duration retryIn) {
        obstacle = cause.getMessage();
        LOG.atLevel(complained ? Level.DEBUG : Level.WARN)
                .addKeyValue("cause", cause.getMessage())
                .addKeyValue("retryIn", retryIn)
                .log("not connected; trying again until it works");
        complained = true;
    }

    /** One warning for each repository and reason, not for each time that the server is asked again. */
    @Override
    public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        obstacle = cause.getMessage();
        String told = refusals.put(repository, String.valueOf(cause.getMessage()));
        LOG.atLevel(Objects.equals(told, cause.getMessage()) ? Level.DEBUG : Level.WARN)
                .addKeyValue("cause", cause.getMessage())
                .addKeyValue("retryIn", retryIn)
                .log("subscription refused");
    }

    @Override
    public void subscribed(RepositoryName repository) {
        refusals.remove(repository);
        obstacle = refusals.values().stream().findFirst().orElse(null);
    }

    @Override
    public void warning(NotifyException problem) {
        LOG.atWarn().addKeyValue("problem", problem.getMessage()).log("the server complains");
    }
}
