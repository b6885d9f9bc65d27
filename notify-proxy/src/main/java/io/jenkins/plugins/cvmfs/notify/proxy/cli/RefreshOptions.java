package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The caches that a command refreshes before it tells that a revision is there. A cache that fails is reported, and nothing more. */
final class RefreshOptions {

    @Option(
            names = "--refresh-through",
            paramLabel = "URL",
            description = {
                "HTTP cache, such as http://squid.example.org:3128, that must fetch the manifest anew first, at every"
                        + " address of its name. One that fails is reported on standard error and does not stop the"
                        + " command. Repeatable."
            })
    private List<HttpCache> caches = new ArrayList<>();

    boolean areGiven() {
        return !caches.isEmpty();
    }

    /**
     * Checks where the clients behind the caches read.
     *
     * @param next how to give the URL
     * @throws InvalidInputException if caches are given, and none of the locations is a URL
     */
    void requireUrl(Collection<RepositoryLocation> readBy, String next) {
        if (areGiven() && urls(readBy).isEmpty()) {
            throw new InvalidInputException(
                    "--refresh-through needs the URL that the clients behind the cache read: " + next);
        }
    }

    /**
     * Refreshes the manifests in every cache, all at the same time, and blocks until that is done, at most half a minute.
     *
     * @param expected where the clients read, and the revision that the caches must serve of it; all but URLs is ignored
     * @param notices takes a sentence for each cache that fails
     */
    List<CacheRefresher.Result> refresh(
            Network network, Map<RepositoryLocation, Revision> expected, Consumer<String> notices) {
        if (!areGiven()) {
            return List.of();
        }
        List<CompletableFuture<List<CacheRefresher.Result>>> started = urls(expected.keySet()).stream()
                .map(url -> network.cacheRefresher().refresh(url, caches, expected.get(url)))
                .toList();
        List<CacheRefresher.Result> results =
                started.stream().flatMap(one -> ManifestInput.get(one).stream()).toList();
        results.stream().filter(result -> !result.isFresh()).forEach(result -> notices.accept(result.toString()));
        return results;
    }

    private static List<RepositoryLocation> urls(Collection<RepositoryLocation> locations) {
        return locations.stream()
                .filter(RepositoryLocation.Web.class::isInstance)
                .distinct()
                .toList();
    }

    /** Adds what became of the caches, if any are given. */
    void put(ObjectNode json, List<CacheRefresher.Result> results) {
        if (areGiven()) {
            results.forEach(result -> Output.put(
                            json.withArray("caches")
                                    .addObject()
                                    .put("cache", result.cache().toString())
                                    .put("address", result.address()),
                            result.revision())
                    .put("error", result.problem()));
        }
    }
}
