package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.MetaInfo;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The description that a repository gives of itself: the button "Read from stratum 0" of the configuration form. Nothing of it is taken
 * without an administrator who has seen it. Immutable.
 *
 * @param name the fully qualified name in the manifest; empty if it has none
 * @param summary revision, time of publication and more, and whether the master keys verify it, in words
 * @param isRejected true if the master keys do not verify it
 * @param stratum1s the URLs of the replicas that its owner recommends
 */
public record SelfDescription(String name, String summary, boolean isRejected, List<String> stratum1s) {

    private static final Duration TIME_LIMIT = Duration.ofSeconds(15);
    private static final Semaphore READS = new Semaphore(4);
    private static final int MOST_SHOWN = 200;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** Copies the list. */
    public SelfDescription {
        stratum1s = List.copyOf(stratum1s);
    }

    /**
     * Reads it with Jenkins' network. Blocks for 15 s at most.
     *
     * @param keys to verify it with; empty if none are configured
     * @throws NotifyException if it cannot be read, or too many reads are under way
     */
    public static SelfDescription read(RepositoryLocation location, Optional<MasterKeys> keys) {
        if (!READS.tryAcquire()) {
            throw new TransientFailureException("too many repositories are being read at the moment, try again");
        }
        try (JenkinsNetwork.Use use = JenkinsNetwork.get().use()) {
            return read(use.reader(), location, keys, Clock.systemUTC());
        } finally {
            READS.release();
        }
    }

    static SelfDescription read(
            RepositoryReader reader, RepositoryLocation location, Optional<MasterKeys> keys, Clock clock) {
        Deadline deadline = new Deadline(location, clock, clock.instant().plus(TIME_LIMIT));
        FetchedManifest fetched = deadline.await(reader.manifest(location, null));
        Manifest manifest = fetched.manifest();
        RepositoryName repository = manifest.repository();
        Optional<Verdict> verdict = repository == null
                ? Optional.empty()
                : keys.map(pem -> new ManifestVerifier(pem, Blacklist.EMPTY, clock)
                        .verify(
                                repository,
                                fetched.bytes(),
                                (path, maxBytes) -> deadline.await(reader.file(location, path, maxBytes))));
        MetaInfo metaInfo = metaInfo(manifest.metaInfo(), reader, location, deadline);
        String name = repository == null ? "" : repository.value();
        String summary = "%s; %s%s"
                .formatted(text(name, manifest, clock.instant()), text(verdict, keys.isPresent()), text(metaInfo));
        boolean isRejected = verdict.filter(Verdict.Rejected.class::isInstance).isPresent();
        return new SelfDescription(name, summary, isRejected, metaInfo.stratum1s());
    }

    private static String text(String name, Manifest manifest, Instant now) {
        Instant published = manifest.publishedAt();
        return "%s, revision %s%s, TTL %s, root catalog %s"
                .formatted(
                        name.isEmpty() ? "A repository without a name" : name,
                        manifest.revision(),
                        published == null
                                ? ""
                                : ", published %s (%s ago)"
                                        .formatted(TIME.format(published), GateReport.text(age(published, now))),
                        GateReport.text(manifest.timeToLive()),
                        manifest.rootCatalog());
    }

    private static Duration age(Instant published, Instant now) {
        return published.isAfter(now) ? Duration.ZERO : Duration.between(published, now);
    }

    private static String text(Optional<Verdict> verdict, boolean hasKeys) {
        if (verdict.isEmpty()) {
            return "not verified: " + (hasKeys ? "the manifest names no repository" : "no master keys are given");
        }
        return verdict.get() instanceof Verdict.Trusted trusted
                ? "verified: signed by %s, the whitelist is valid until %s"
                        .formatted(Excerpt.of(trusted.signer()), TIME.format(trusted.whitelistExpires()))
                : "NOT VALID: " + ((Verdict.Rejected) verdict.get()).explanation();
    }

    /** Few repositories have it, and nothing depends on it: without it there is less to fill in. */
    private static MetaInfo metaInfo(
            @Nullable ContentHash hash, RepositoryReader reader, RepositoryLocation location, Deadline deadline) {
        if (hash != null) {
            try {
                return MetaInfo.parse(
                        deadline.await(
                                reader.file(location, hash.objectPath(ObjectKind.META_INFO), MetaInfo.MAX_BYTES)),
                        hash);
            } catch (NotifyException e) {
                // As if there were none.
            }
        }
        return new MetaInfo("", List.of());
    }

    private static String text(MetaInfo metaInfo) {
        return metaInfo.description().isBlank()
                ? ""
                : "; “%s”".formatted(Excerpt.of(metaInfo.description(), MOST_SHOWN));
    }

    private record Deadline(RepositoryLocation location, Clock clock, Instant end) {

        <T> T await(CompletableFuture<T> read) {
            return JenkinsNetwork.await(
                    read,
                    Duration.between(clock.instant(), end),
                    "%s: not read within %d s".formatted(location, TIME_LIMIT.toSeconds()));
        }
    }
}
