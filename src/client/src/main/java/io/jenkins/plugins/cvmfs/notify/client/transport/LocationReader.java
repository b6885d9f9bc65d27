package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.EachAddress;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Mount;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.MountPoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads every kind of location: web servers and folders, every address of a name by itself, and mounts. An address is asked by Jetty's
 * client on a connection of its own.
 */
final class LocationReader implements RepositoryReader {

    /** A message names at most so many addresses. */
    private static final int MOST_NAMED = 3;

    private final RetryingRepositoryReader files;
    private final JettyClient client;
    private final AddressLookup names;
    private final MountReader mounts;
    private final Duration timeLimit;

    /** @param timeLimit the limit of each call, the look-up of a name included */
    LocationReader(
            RetryingRepositoryReader files,
            JettyClient client,
            AddressLookup names,
            MountReader mounts,
            Duration timeLimit) {
        this.files = files;
        this.client = client;
        this.names = names;
        this.mounts = mounts;
        this.timeLimit = timeLimit;
    }

    @Override
    public CompletableFuture<FetchedManifest> manifest(
            RepositoryLocation location, @Nullable FetchedManifest previous) {
        return location instanceof EachAddress each
                ? Futures.map(
                        atEachAddress(each, readLimit().dividedBy(2), reader -> manifest(each, reader)),
                        LocationReader::lowest)
                : files.manifest(location, previous);
    }

    /** Lets a cache fetch the manifest, and takes what its clients get; that counts even if it could not be fetched anew. */
    private CompletableFuture<FetchedManifest> manifest(EachAddress each, RetryingRepositoryReader reader) {
        if (each.through() == null) {
            return reader.reload(each.web());
        }
        return Futures.handle(
                reader.reload(each.web()),
                (fetched, failure) -> Futures.map(
                        reader.manifestAsClientsReadIt(each.web()),
                        served -> served.withNote(
                                failure == null
                                        ? null
                                        : "not refreshed: "
                                                + HttpErrors.of(each.toString(), failure)
                                                        .getMessage())));
    }

    /** Returns the lowest revision, with a note of the addresses that serve it if others serve a newer one. */
    private static FetchedManifest lowest(List<At<FetchedManifest>> all) {
        Comparator<At<FetchedManifest>> byRevision = Comparator.comparing(at -> revision(at));
        At<FetchedManifest> lowest = all.stream().min(byRevision).orElseThrow();
        At<FetchedManifest> newest = all.stream().max(byRevision).orElseThrow();
        if (!revision(newest).isNewerThan(revision(lowest))) {
            return lowest.value();
        }
        List<String> lagging = all.stream()
                .filter(at -> revision(newest).isNewerThan(revision(at)))
                .map(At::address)
                .toList();
        int others = all.size() - lagging.size();
        return lowest.value()
                .withNote("at %s; %d other address%s revision %s"
                        .formatted(named(lagging), others, others == 1 ? " serves" : "es serve", revision(newest)));
    }

    private static Revision revision(At<FetchedManifest> at) {
        return at.value().manifest().revision();
    }

    @Override
    public CompletableFuture<Boolean> objectPresent(RepositoryLocation location, ContentHash hash, ObjectKind kind) {
        return location instanceof EachAddress each
                ? Futures.map(
                        atEachAddress(each, readLimit(), reader -> reader.objectPresent(each.web(), hash, kind)),
                        all -> all.stream().allMatch(At::value))
                : files.objectPresent(location, hash, kind);
    }

    @Override
    public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
        return location instanceof EachAddress each
                ? Futures.compose(
                        addresses(each),
                        found -> reader(each, found.get(0), readLimit()).file(each.web(), path, maxBytes))
                : files.file(location, path, maxBytes);
    }

    @Override
    public CompletableFuture<MountedRevision> mounted(MountPoint mount) {
        return mount instanceof Mount own ? mounts.read(own) : RepositoryReader.super.mounted(mount);
    }

    @Override
    public CompletableFuture<Boolean> pathPresent(MountPoint mount) {
        return mount instanceof Mount own ? mounts.pathPresent(own) : RepositoryReader.super.pathPresent(mount);
    }

    private record At<T>(String address, T value) {}

    /** Reads at all addresses at the same time. If some fail, all is failed, with their names. */
    private <T> CompletableFuture<List<At<T>>> atEachAddress(
            EachAddress each, Duration limit, Function<RetryingRepositoryReader, CompletableFuture<T>> read) {
        return Futures.compose(addresses(each), found -> {
            List<NotifyException> failures = new ArrayList<>();
            List<CompletableFuture<Optional<At<T>>>> outcomes = new ArrayList<>();
            for (InetAddress address : found) {
                String name = address.getHostAddress();
                outcomes.add(Futures.handle(read.apply(reader(each, address, limit)), (value, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(Optional.of(new At<>(name, value)));
                    }
                    synchronized (failures) {
                        failures.add(HttpErrors.of(name, failure));
                    }
                    return CompletableFuture.completedFuture(Optional.empty());
                }));
            }
            return Futures.map(Futures.all(outcomes), all -> {
                if (!failures.isEmpty()) {
                    throw failed(each, found.size(), failures);
                }
                return all.stream().flatMap(Optional::stream).toList();
            });
        });
    }

    private static NotifyException failed(EachAddress each, int addresses, List<NotifyException> failures) {
        if (addresses == 1) {
            return failures.get(0);
        }
        return new TransientFailureException(
                "%d of the %d addresses of %s cannot be read: %s"
                        .formatted(
                                failures.size(),
                                addresses,
                                each.reached().getHost(),
                                named(failures.stream()
                                        .map(NotifyException::getMessage)
                                        .toList())),
                failures.get(0));
    }

    private static String named(List<String> all) {
        return Excerpt.ofList(all, MOST_NAMED, "; ");
    }

    private CompletableFuture<List<InetAddress>> addresses(EachAddress each) {
        return names.all(each.reached().getHost(), timeLimit.minus(readLimit()));
    }

    private RetryingRepositoryReader reader(EachAddress each, InetAddress address, Duration limit) {
        URI reached = each.reached();
        int port =
                reached.getPort() >= 0 ? reached.getPort() : reached.getScheme().equalsIgnoreCase("https") ? 443 : 80;
        InetSocketAddress socket = new InetSocketAddress(named(reached.getHost(), address), port);
        JettyClient.Peer peer = new JettyClient.Peer(socket, each.through() != null);
        return files.on((request, maxBytes) -> client.send(request, peer, maxBytes), limit);
    }

    /** Returns the address with the name that its certificate must have. */
    private static InetAddress named(String host, InetAddress address) {
        try {
            return InetAddress.getByAddress(host, address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /** Leaves a third of the time for the look-up. */
    private Duration readLimit() {
        return timeLimit.multipliedBy(2).dividedBy(3);
    }
}
