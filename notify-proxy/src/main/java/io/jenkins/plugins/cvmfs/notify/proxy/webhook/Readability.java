package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.Quorum;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.AwaitedRevisions.Awaited;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides by what watched replicas serve, and by what subscribers were told, whether a revision is readable. Reads nothing itself, so it
 * has to be asked again after each change of either. Thread-safe.
 */
public final class Readability {

    private final Function<RepositoryName, List<ReplicaStatus>> replicas;
    private final Function<RepositoryName, Optional<Announcement>> told;
    private volatile ProxyConfig config;

    /**
     * @param replicas the state of a repository's watched replicas
     * @param told the last announcement that subscribers were told: a later one is held
     */
    public Readability(
            ProxyConfig config,
            Function<RepositoryName, List<ReplicaStatus>> replicas,
            Function<RepositoryName, Optional<Announcement>> told) {
        this.config = config;
        this.replicas = replicas;
        this.told = told;
    }

    void configure(ProxyConfig next) {
        config = next;
    }

    /** Returns true if replicas of this repository are watched, so that its revisions can become readable. */
    boolean isKnown(WebhookConfig webhook, RepositoryName repository) {
        return quorum(webhook, repository).isPresent();
    }

    private Optional<Quorum> quorum(WebhookConfig webhook, RepositoryName repository) {
        return config.operator().watch().quorumOf(repository, config.delivery(), webhook.require());
    }

    /** Returns true if enough replicas serve the revision, or a newer one unless it was rolled back, and nothing holds it. */
    boolean isReadable(WebhookConfig webhook, Awaited awaited) {
        Announcement announcement = awaited.announcement();
        boolean isTold = told.apply(awaited.repository())
                .filter(last -> !last.announcedAt().isBefore(announcement.announcedAt()))
                .isPresent();
        return isTold
                && quorum(webhook, awaited.repository())
                        .filter(quorum -> counted(quorum, awaited.repository())
                                        .filter(replica -> serves(replica, awaited))
                                        .count()
                                >= quorum.needed())
                        .isPresent();
    }

    private Stream<ReplicaStatus> counted(Quorum quorum, RepositoryName repository) {
        return replicas.apply(repository).stream()
                .filter(replica -> quorum.replicas().contains(replica.location()));
    }

    /** A replica that cannot be read now does not count, whatever it served before. */
    private static boolean serves(ReplicaStatus replica, Awaited awaited) {
        Manifest served = replica.served();
        Announcement wanted = awaited.announcement();
        return served != null
                && replica.error() == null
                && ReplicaStatus.isReached(
                        served, wanted.message().manifest(), wanted.announcedAt(), awaited.isRollback());
    }

    /** Returns the replicas that do not serve it, for operators. */
    String missing(WebhookConfig webhook, Awaited awaited) {
        String names = quorum(webhook, awaited.repository()).stream()
                .flatMap(quorum -> counted(quorum, awaited.repository()))
                .filter(replica -> !serves(replica, awaited))
                .map(ReplicaStatus::replica)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "it is held, or its replicas are not watched any more" : names;
    }
}
