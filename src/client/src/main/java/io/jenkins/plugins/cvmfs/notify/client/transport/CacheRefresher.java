package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes HTTP caches fetch a repository's manifest ({@code .cvmfspublished}) anew. A web server allows caches to keep it for about a
 * minute; a mounted client that is told of a new revision in that time reads the old manifest from its site's cache, and looks again only
 * when its time to live is over. So refresh the site's caches first, and then tell the clients.
 *
 * <p>Made by {@link Network#cacheRefresher()}. Thread-safe; does not block.
 */
public final class CacheRefresher {

    /** The longest time of one {@link #refresh}, whatever caches and name servers do. */
    public static final Duration TIME_LIMIT = Duration.ofSeconds(30);

    private static final Duration LOOK_UP_LIMIT = TIME_LIMIT.dividedBy(3);
    private static final Duration READ_LIMIT = TIME_LIMIT.minus(LOOK_UP_LIMIT);

    /**
     * The outcome at one address of a cache, or of the whole cache if its name cannot be resolved.
     *
     * @param address of the cache; null if it is not known
     * @param revision the revision that the cache serves now; null if it could not be read
     * @param problem why the cache is not known to be fresh, one line; null if it is fresh
     */
    public record Result(
            HttpCache cache,
            @Nullable String address,
            @Nullable Revision revision,
            @Nullable String problem) {

        /** Returns true if the cache serves what was expected. */
        public boolean isFresh() {
            return problem == null;
        }

        /** Returns {@code cache http://squid.example.org:3128 (192.0.2.7) serves revision 42}, or its problem. */
        @Override
        public String toString() {
            String name = "cache " + cache + (address == null ? "" : " (" + address + ")");
            return problem == null ? name + " serves revision " + revision : name + ": " + problem;
        }
    }

    private final JettyClient client;
    private final AddressLookup names;
    private final RetryingRepositoryReader reader;

    CacheRefresher(JettyClient client, AddressLookup names, RetryingRepositoryReader reader) {
        this.client = client;
        this.names = names;
        this.reader = reader;
    }

    /**
     * Reads the manifest through every address of every cache with {@code Cache-Control: no-cache}, all at the same time, each with one
     * retry. A cache that fails does not stop the others.
     *
     * @param repository the URL that the clients behind the caches read, in whatever way it is read here: a cache keeps one copy for
     *     each URL
     * @param expected the revision that the caches must serve, or a newer one; null for any
     * @return the results in the order of the caches, within {@link #TIME_LIMIT}; fails only with {@link InvalidInputException} if the
     *     location is no {@code http} URL, or by cancellation
     */
    public CompletableFuture<List<Result>> refresh(
            RepositoryLocation repository, List<HttpCache> caches, @Nullable Revision expected) {
        if (!(repository.plain() instanceof RepositoryLocation.Web web)
                || !"http".equalsIgnoreCase(web.root().getScheme())) {
            return CompletableFuture.failedFuture(new InvalidInputException(
                    "%s: a cache keeps only files of http URLs; give the URL that the clients read"
                            .formatted(repository)));
        }
        List<CompletableFuture<List<Result>>> all = List.copyOf(caches).stream()
                .map(cache -> refresh(web, cache, expected))
                .toList();
        return Futures.map(
                Futures.all(all),
                results -> results.stream().flatMap(List::stream).toList());
    }

    private CompletableFuture<List<Result>> refresh(
            RepositoryLocation.Web repository, HttpCache cache, @Nullable Revision expected) {
        return Futures.handle(names.all(cache.url().getHost(), LOOK_UP_LIMIT), (addresses, failure) -> {
            if (failure != null) {
                return CompletableFuture.completedFuture(List.of(failed(cache, null, failure)));
            }
            List<CompletableFuture<Result>> all = new ArrayList<>();
            addresses.forEach(address -> all.add(refresh(repository, cache, address, expected)));
            return Futures.all(all);
        });
    }

    private CompletableFuture<Result> refresh(
            RepositoryLocation.Web repository, HttpCache cache, InetAddress address, @Nullable Revision expected) {
        JettyClient.Peer peer =
                new JettyClient.Peer(new InetSocketAddress(address, cache.url().getPort()), true);
        return Futures.handle(
                reader.on((request, maxBytes) -> client.send(request, peer, maxBytes), READ_LIMIT)
                        .reload(repository),
                (served, failure) -> CompletableFuture.completedFuture(
                        failure == null
                                ? served(
                                        repository,
                                        cache,
                                        address,
                                        served.manifest().revision(),
                                        expected)
                                : failed(cache, address, failure)));
    }

    private static Result served(
            RepositoryLocation repository,
            HttpCache cache,
            InetAddress address,
            Revision revision,
            @Nullable Revision expected) {
        String problem = expected != null && expected.isNewerThan(revision)
                ? "serves revision %s of %s, not %s yet".formatted(revision, repository, expected)
                : null;
        return new Result(cache, address.getHostAddress(), revision, problem);
    }

    private static Result failed(HttpCache cache, @Nullable InetAddress address, Throwable failure) {
        NotifyException cause = HttpErrors.of(cache.toString(), failure);
        return new Result(
                cache,
                address == null ? null : address.getHostAddress(),
                null,
                Excerpt.of(String.valueOf(cause.getMessage()), HttpErrors.LONGEST_DETAIL));
    }
}
