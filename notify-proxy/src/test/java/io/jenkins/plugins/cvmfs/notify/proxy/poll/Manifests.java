package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Makes manifests as they are read; unsigned. */
final class Manifests implements AutoCloseable {

    static final Instant PUBLISHED = Instant.parse("2026-11-23T12:00:00Z");

    private final Network network = Network.builder().build();
    private final Path folder;

    Manifests(Path folder) {
        this.folder = folder;
    }

    /** A manifest that was published at {@link #PUBLISHED}. */
    FetchedManifest of(String repository, long revision) {
        return of(repository, revision, PUBLISHED);
    }

    FetchedManifest of(String repository, long revision, Instant published) {
        String text = """
                C%1$040x
                Rd41d8cd98f00b204e9800998ecf8427e
                D240
                S%1$d
                N%2$s
                T%3$d
                --
                """.formatted(revision, repository, published.getEpochSecond());
        try {
            Files.writeString(folder.resolve(".cvmfspublished"), text);
            return network.repositoryReader()
                    .manifest(new RepositoryLocation.Folder(folder), null)
                    .join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
