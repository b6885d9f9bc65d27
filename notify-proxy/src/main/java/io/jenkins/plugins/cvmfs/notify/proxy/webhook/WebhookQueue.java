package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.BackOff;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Event;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.AwaitedRevisions.Awaited;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookClient.Answer;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookMetrics.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The announcements that one webhook is still to be told, at most one of each repository: a newer one takes the place of an older. A
 * message that fails goes to the end, with pauses of its own that grow; after any failure the others wait for the receiver too, one attempt
 * at a time, so that one that is down sees few. Confined to one thread, except for {@link #status()}.
 */
final class WebhookQueue {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookQueue.class);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    /** Of a message that fails while others are accepted. */
    private static final Duration LONGEST_OF_MESSAGE = Duration.ofMinutes(5);

    /** Of a receiver that accepts nothing. */
    private static final Duration LONGEST_OF_RECEIVER = Duration.ofMinutes(1);

    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

    private static final int GONE = 410;

    /**
     * The things that every queue shares.
     *
     * @param thread drops tasks after its shutdown: messages that are owed are found again at the next start
     */
    record Surroundings(
            WebhookClient client,
            ScheduledExecutorService thread,
            LongSupplier nanoTime,
            RandomGenerator random,
            Clock clock,
            Readability readability) {}

    /**
     * The state for operators.
     *
     * @param queued repositories with an announcement that is still to be told
     * @param awaited repositories with an announcement that waits for replicas
     * @param lastDelivered null if there was no success since the start
     * @param lastFailed null if there was no failure since the start
     * @param givenUp messages that were not delivered in time since the start, those of revisions that were not readable in time among them
     * @param problem empty if the last attempt succeeded
     * @param failingSince null if it succeeded
     * @param isGone whether the receiver has answered 410, so that it is sent nothing
     */
    record Status(
            Webhook webhook,
            int queued,
            int awaited,
            @Nullable Instant lastDelivered,
            @Nullable Instant lastFailed,
            long givenUp,
            String problem,
            @Nullable Instant failingSince,
            boolean isGone) {}

    private final Surroundings around;
    private final SettledMessages settled;
    private final WebhookMetrics metrics;
    private final BackOff receiver;

    /** In the order in which they are tried. */
    private final Map<RepositoryName, Owed> owed = new LinkedHashMap<>();

    /** With the event readable, those that replicas are still to serve. */
    private final AwaitedRevisions awaited = new AwaitedRevisions();

    private Webhook webhook;
    private int underWay;
    private long pausedUntil;
    private boolean isGone;
    private boolean isClosed;
    private String problem = "";
    private @Nullable Instant failingSince;
    private @Nullable Instant lastDelivered;
    private @Nullable Instant lastFailed;
    private @Nullable Future<?> timer;
    private volatile Status status;

    WebhookQueue(Webhook webhook, SettledMessages settled, WebhookMetrics metrics, Surroundings around) {
        this.webhook = webhook;
        this.settled = settled;
        this.metrics = metrics;
        this.around = around;
        this.receiver = new BackOff(FIRST_PAUSE, LONGEST_OF_RECEIVER, around.random()::nextDouble);
        this.status = new Status(webhook, 0, 0, null, null, 0, "", null, false);
        metrics.watch(() -> status.queued(), () -> status.awaited(), () -> status.failingSince() == null ? 0 : 1);
    }

    /** The newest announcement of a repository that is to be told. */
    private final class Owed {

        private final RepositoryName repository;
        private final BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_OF_MESSAGE, around.random()::nextDouble);
        private Announcement announcement;
        private String id;
        private long due = now();
        private @Nullable Long firstTried;
        private boolean isUnderWay;

        Owed(Announcement announcement, String id) {
            this.repository = announcement.message().repository();
            this.announcement = announcement;
            this.id = id;
        }

        void replaceBy(Announcement newer, String newId) {
            announcement = newer;
            id = newId;
            due = now();
            firstTried = null;
            pauses.reset();
        }
    }

    private long now() {
        return around.nanoTime().getAsLong();
    }

    /** Returns the state; from any thread. */
    Status status() {
        return status;
    }

    /** Takes over changed settings, and sends again to a receiver that was gone. Of another event it has to be told last values. */
    void configure(Webhook changed) {
        if (webhook.config().event() != changed.config().event()) {
            owed.clear();
            awaited.clear();
        }
        webhook = changed;
        if (isGone) {
            isGone = false;
            recovered();
        }
        pausedUntil = now();
        pump();
    }

    /** Notes the newest announcement of a repository; one that the receiver knows changes nothing. */
    void announced(Announcement announcement) {
        String manifest = webhook.id(announcement);
        String id = settled.announced(announcement, manifest, webhook.idOfRollback(announcement));
        if (isGone) {
            metrics.count(Outcome.GONE);
        } else if (settled.isOwed(announcement, id)) {
            if (webhook.config().event() == Event.READABLE) {
                await(announcement, id, !id.equals(manifest));
            } else {
                owe(announcement, id);
            }
        }
        pump();
    }

    private void owe(Announcement announcement, String id) {
        RepositoryName repository = announcement.message().repository();
        Owed known = owed.get(repository);
        if (known == null) {
            owed.put(repository, new Owed(announcement, id));
        } else if (!known.id.equals(id)) {
            known.replaceBy(announcement, id);
            metrics.count(Outcome.REPLACED);
        }
    }

    private void await(Announcement announcement, String id, boolean isRollback) {
        RepositoryName repository = announcement.message().repository();
        Owed known = owed.get(repository);
        if (awaited.isNewest(repository, id) || (known != null && known.id.equals(id))) {
            return;
        }
        if (!around.readability().isKnown(webhook.config(), repository)) {
            LOG.atDebug()
                    .addKeyValue("webhook", webhook.config().name())
                    .addKeyValue("repository", repository)
                    .log("announcement without replicas is not for a webhook that waits for them");
            return;
        }
        if (isRollback && owed.remove(repository) != null) {
            // It cannot be read any more.
            metrics.count(Outcome.REPLACED);
        }
        long passed = Math.max(
                0,
                Duration.between(announcement.announcedAt(), around.clock().instant())
                        .toNanos());
        long until = now() + webhook.config().giveUpAfter().toNanos() - passed;
        metrics.count(Outcome.REPLACED, awaited.add(new Awaited(announcement, id, isRollback, until)));
        oweWhatIsReadable(repository);
    }

    private boolean oweWhatIsReadable(RepositoryName repository) {
        Optional<Awaited> readable = awaited.take(
                repository,
                it -> around.readability().isReadable(webhook.config(), it),
                replaced -> metrics.count(Outcome.REPLACED, replaced));
        readable.ifPresent(it -> owe(it.announcement(), it.id()));
        return readable.isPresent();
    }

    /** A replica of this repository was read, or a held announcement released: something may be readable now. */
    void changed(RepositoryName repository) {
        if (oweWhatIsReadable(repository)) {
            pump();
        }
    }

    /** Anything may be readable now: the configuration has changed. */
    void allChanged() {
        awaited.repositories().forEach(this::changed);
    }

    /** Counts an announcement that gave way to a newer one before it came here; from any thread. */
    void replacedEarly() {
        metrics.count(Outcome.REPLACED);
    }

    /** The log has forgotten a repository. */
    void forget(RepositoryName repository) {
        owed.remove(repository);
        awaited.forget(repository);
        settled.forget(repository);
        pump();
    }

    /** Starts what is due, and sets the timer for what is not. */
    private void pump() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        if (!isGone && !isClosed) {
            awaited.takeOverdue(now()).forEach(this::giveUp);
            long soonest = pausedUntil - now();
            if (soonest <= 0) {
                soonest = sendWhatIsDue();
            }
            if (owed.isEmpty()) {
                soonest = Long.MAX_VALUE;
            }
            soonest = Math.min(soonest, awaited.soonest(now()).orElse(Long.MAX_VALUE));
            if (soonest < Long.MAX_VALUE) {
                timer = around.thread().schedule(this::pump, soonest, TimeUnit.NANOSECONDS);
            }
        }
        status = new Status(
                webhook,
                owed.size(),
                awaited.size(),
                lastDelivered,
                lastFailed,
                metrics.counted(Outcome.GIVEN_UP) + metrics.counted(Outcome.UNREADABLE),
                problem,
                failingSince,
                isGone);
    }

    private void giveUp(Awaited it) {
        metrics.count(Outcome.UNREADABLE);
        settled.settle(it.repository(), it.id());
        LOG.atWarn()
                .addKeyValue("webhook", webhook.config().name())
                .addKeyValue("repository", it.repository())
                .addKeyValue("revision", it.announcement().message().revision())
                .addKeyValue("missing", around.readability().missing(webhook.config(), it))
                .log("webhook is not told of a revision: it was not readable within give_up_after");
    }

    /** Returns the time until the next is due; the maximum if none is, or one under way will say. */
    private long sendWhatIsDue() {
        int most = failingSince == null ? WebhookClient.MOST_AT_A_TIME : 1;
        long soonest = Long.MAX_VALUE;
        for (Owed it : owed.values()) {
            if (underWay >= most) {
                return Long.MAX_VALUE;
            }
            long left = it.due - now();
            if (!it.isUnderWay && left <= 0) {
                send(it);
            } else if (!it.isUnderWay) {
                soonest = Math.min(soonest, left);
            }
        }
        return soonest;
    }

    private void send(Owed it) {
        Announcement sent = it.announcement;
        String id = it.id;
        it.isUnderWay = true;
        it.firstTried = it.firstTried == null ? (Long) now() : it.firstTried;
        underWay++;
        var unused = around.client()
                .send(webhook.message(sent, id, around.clock().instant()))
                .whenComplete((answer, failure) -> around.thread().execute(() -> sent(it, id, answer, failure)));
    }

    private void sent(Owed it, String id, @Nullable Answer answer, @Nullable Throwable failure) {
        underWay--;
        it.isUnderWay = false;
        if (isClosed) {
            return;
        }
        boolean isCurrent = owed.get(it.repository) == it;
        if (answer != null && answer.status() / 100 == 2) {
            delivered(it, id, isCurrent);
        } else if (answer != null && answer.status() == GONE) {
            gone();
        } else if (answer != null) {
            failed(it, id, isCurrent, problem(answer.status()), answer.retryAfter());
        } else {
            failed(it, id, isCurrent, failure == null ? "" : WebhookClient.problem(failure), Duration.ZERO);
        }
        pump();
    }

    private static String problem(int status) {
        String redirect = status / 100 == 3 ? ", a redirect, which is not followed; configure the new URL" : "";
        return "it answers " + status + redirect;
    }

    private void delivered(Owed it, String id, boolean isCurrent) {
        metrics.count(Outcome.DELIVERED);
        lastDelivered = around.clock().instant();
        if (!isGone) {
            recovered();
        }
        if (isCurrent) {
            settled.settle(it.repository, id);
            owed.remove(it.repository);
            if (!it.id.equals(id)) {
                owed.put(it.repository, it);
            }
        }
    }

    private void recovered() {
        if (failingSince != null) {
            LOG.atInfo()
                    .addKeyValue("webhook", webhook.config().name())
                    .addKeyValue("to", webhook.config().place())
                    .log("webhook accepts messages again");
        }
        receiver.reset();
        failingSince = null;
        problem = "";
    }

    private void gone() {
        if (isGone) {
            return;
        }
        isGone = true;
        problem = "it answers 410: it wants no more messages";
        failingSince = around.clock().instant();
        lastFailed = failingSince;
        metrics.count(Outcome.GONE, owed.size() + awaited.size());
        owed.clear();
        awaited.clear();
        LOG.atWarn()
                .addKeyValue("webhook", webhook.config().name())
                .addKeyValue("to", webhook.config().place())
                .log("webhook answers 410 and is sent nothing until the configuration is reloaded");
    }

    private void failed(Owed it, String id, boolean isCurrent, String reason, Duration retryAfter) {
        metrics.count(Outcome.FAILED);
        lastFailed = around.clock().instant();
        if (isGone) {
            return;
        }
        if (failingSince == null) {
            failingSince = around.clock().instant();
            LOG.atWarn()
                    .addKeyValue("webhook", webhook.config().name())
                    .addKeyValue("to", webhook.config().place())
                    .addKeyValue("reason", reason)
                    .log("webhook does not accept a message; trying again");
        }
        problem = reason;
        pausedUntil = now() + receiver.next(retryAfter, LONGEST_RETRY_AFTER).toNanos();
        if (!isCurrent) {
            return;
        }
        owed.remove(it.repository);
        Long since = it.firstTried;
        if (since != null && now() - since >= webhook.config().giveUpAfter().toNanos()) {
            giveUp(it, id);
        } else {
            it.due = now() + (since == null ? 0 : it.pauses.next().toNanos());
            owed.put(it.repository, it);
        }
    }

    private void giveUp(Owed it, String id) {
        metrics.count(Outcome.GIVEN_UP);
        settled.settle(it.repository, id);
        LOG.atWarn()
                .addKeyValue("webhook", webhook.config().name())
                .addKeyValue("repository", it.repository)
                .addKeyValue("revision", it.announcement.message().revision())
                .addKeyValue("reason", problem)
                .log("message to a webhook given up");
    }

    /** Sends nothing more. */
    void close() {
        isClosed = true;
        pump();
    }

    /** The webhook is not configured any more. */
    void remove() {
        close();
        metrics.remove();
    }
}
