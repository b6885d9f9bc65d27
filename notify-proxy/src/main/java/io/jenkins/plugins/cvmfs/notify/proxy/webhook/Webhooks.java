package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Event;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookQueue.Status;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookQueue.Surroundings;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is announced to the configured webhooks. The package's description has the rules. Thread-safe; nothing blocks except {@link
 * #prepare}, on files, and {@link #close()}.
 */
public final class Webhooks implements LogListener, Reloadable, AutoCloseable {

    private final Optional<Path> stateFolder;
    private final ActivityLog log;
    private final Supplier<List<Announcement>> lastValues;
    private final Surroundings around;
    private final MeterRegistry meters;

    /** Of each repository the newest announcement that the thread has yet to see. */
    private final ConcurrentMap<RepositoryName, Announcement> arrived = new ConcurrentHashMap<>();

    /** Repositories of which something may have become readable, until the thread has looked. */
    private final Set<RepositoryName> changed = ConcurrentHashMap.newKeySet();

    /** Changed on the thread only. */
    private final Map<String, WebhookQueue> queues = new ConcurrentSkipListMap<>();

    private volatile List<WebhookConfig> configs = List.of();

    /**
     * Sends nothing yet.
     *
     * @param log follows the repositories that webhooks name
     * @param lastValues the newest announcement of each repository, for webhooks that a reload adds or changes
     * @param readability for webhooks that are told of revisions when they are readable
     * @throws InvalidInputException if a file of a webhook cannot be used; the message names both
     */
    public Webhooks(
            ProxyConfig config,
            ActivityLog log,
            Supplier<List<Announcement>> lastValues,
            Readability readability,
            Clock clock,
            MeterRegistry meters) {
        this(
                config,
                log,
                lastValues,
                new Surroundings(
                        new WebhookClient.OverHttp(clock),
                        DaemonThreads.scheduler("cvmfs-notify-webhooks"),
                        System::nanoTime,
                        new Random(),
                        clock,
                        readability),
                meters);
    }

    /** @param around closed with this object */
    Webhooks(
            ProxyConfig config,
            ActivityLog log,
            Supplier<List<Announcement>> lastValues,
            Surroundings around,
            MeterRegistry meters) {
        this.stateFolder = config.stateDir();
        this.log = log;
        this.lastValues = lastValues;
        this.around = around;
        this.meters = meters;
        List<Webhook> webhooks = read(config);
        configs = webhooks.stream().map(Webhook::config).toList();
        around.thread().execute(() -> apply(webhooks));
    }

    private static List<Webhook> read(ProxyConfig config) {
        return config.delivery().webhooks().stream().map(Webhook::read).toList();
    }

    /** Asks the log for the repositories that webhooks name: with queues it delivers only those. Call it after the log has started. */
    public void start() {
        configs.stream()
                .flatMap(webhook -> webhook.repositories().stream())
                .filter(RepositoryPattern::isExact)
                .distinct()
                .forEach(name -> {
                    var unused = log.follow(new RepositoryName(name.text()));
                });
    }

    @Override
    public void delivered(Announcement announcement) {
        RepositoryName repository = announcement.message().repository();
        if (configs.stream().noneMatch(webhook -> webhook.isFor(repository))) {
            return;
        }
        if (arrived.put(repository, announcement) == null) {
            around.thread().execute(() -> take(repository));
        } else {
            queues.values().stream().filter(queue -> isFor(queue, repository)).forEach(WebhookQueue::replacedEarly);
        }
    }

    @Override
    public void forgotten(RepositoryName repository) {
        arrived.remove(repository);
        around.thread().execute(() -> queues.values().forEach(queue -> queue.forget(repository)));
    }

    /** Returns true for a repository that a webhook names. */
    @Override
    public boolean awaits(RepositoryName repository) {
        return configs.stream()
                .flatMap(webhook -> webhook.repositories().stream())
                .anyMatch(name -> name.isExact() && name.matches(repository));
    }

    /** Notes that a replica of this repository was read, or that a held announcement was released. From any thread. */
    public void changed(RepositoryName repository) {
        boolean isAwaited =
                configs.stream().anyMatch(webhook -> webhook.event() == Event.READABLE && webhook.isFor(repository));
        if (isAwaited && changed.add(repository)) {
            around.thread().execute(() -> {
                changed.remove(repository);
                queues.values().forEach(queue -> queue.changed(repository));
            });
        }
    }

    private void take(RepositoryName repository) {
        Announcement newest = arrived.remove(repository);
        if (newest != null) {
            queues.values().forEach(queue -> tell(queue, newest));
        }
    }

    private static void tell(WebhookQueue queue, Announcement announcement) {
        if (isFor(queue, announcement.message().repository())) {
            queue.announced(announcement);
        }
    }

    private static boolean isFor(WebhookQueue queue, RepositoryName repository) {
        return queue.status().webhook().config().isFor(repository);
    }

    @Override
    public Runnable prepare(ProxyConfig next) {
        List<Webhook> webhooks = read(next);
        return () -> {
            configs = webhooks.stream().map(Webhook::config).toList();
            around.thread().execute(() -> {
                around.readability().configure(next);
                apply(webhooks);
                lastValues.get().forEach(value -> queues.values().forEach(queue -> tell(queue, value)));
                queues.values().forEach(WebhookQueue::allChanged);
            });
            start();
        };
    }

    /** Makes the queues those of the configuration. On the thread. */
    private void apply(List<Webhook> webhooks) {
        List<String> names = webhooks.stream().map(it -> it.config().name()).toList();
        queues.values().removeIf(queue -> {
            boolean isRemoved =
                    !names.contains(queue.status().webhook().config().name());
            if (isRemoved) {
                queue.remove();
            }
            return isRemoved;
        });
        SettledMessages.deleteOthers(stateFolder, names);
        for (Webhook webhook : webhooks) {
            String name = webhook.config().name();
            WebhookQueue known = queues.get(name);
            if (known == null) {
                Instant now = around.clock().instant();
                queues.put(
                        name,
                        new WebhookQueue(
                                webhook,
                                SettledMessages.open(stateFolder, name, now),
                                new WebhookMetrics(meters, name),
                                around));
            } else {
                known.configure(webhook);
            }
        }
    }

    /** Describes the webhooks for the status, ordered by name, without anything secret. */
    public ArrayNode describe() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        queues.values().forEach(queue -> all.add(describe(queue.status())));
        return all;
    }

    private static ObjectNode describe(Status status) {
        WebhookConfig config = status.webhook().config();
        return JsonNodeFactory.instance
                .objectNode()
                .put("webhook", config.name())
                .put("to", config.place())
                .put("event", config.event().word())
                .put("queued", status.queued())
                .put("awaited", status.awaited())
                .put("given_up", status.givenUp())
                .put("gone", status.isGone())
                .put("problem", status.problem().isEmpty() ? null : status.problem())
                .put("failing_since", text(status.failingSince()))
                .put("last_failed", text(status.lastFailed()))
                .put("last_delivered", text(status.lastDelivered()));
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    /** Cancels what is under way; what is owed is found again at the next start. Closing twice is fine. */
    @Override
    public void close() {
        around.thread().shutdownNow();
        around.client().close();
    }
}
