package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.TrustSource;
import java.util.List;

/** Reads certificate and whitelist from where a repository is served; of several places, from the first that has the file. */
final class RepositoryFiles implements TrustSource {

    private final RepositoryReader reader;
    private final List<RepositoryLocation> locations;

    /** @param locations at least one, the best first */
    RepositoryFiles(RepositoryReader reader, List<RepositoryLocation> locations) {
        if (locations.isEmpty()) {
            throw new InvalidInputException("it is not known where the repository is served");
        }
        this.reader = reader;
        this.locations = List.copyOf(locations);
    }

    @Override
    public byte[] read(String path, int maxBytes) {
        NotifyException failure = null;
        for (RepositoryLocation location : locations) {
            try {
                return reader.fileNow(location, path, maxBytes);
            } catch (NotifyException e) {
                failure = e;
            }
        }
        if (failure == null) {
            throw new IllegalStateException("there is at least one location");
        }
        throw failure;
    }
}
