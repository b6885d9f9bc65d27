package io.jenkins.plugins.cvmfs.notify.client.manifest;

/** The files with fixed names at the root of a repository, as a stratum 0 or stratum 1 serves them over HTTP. */
public enum RepositoryFile {
    /** The signed manifest. It is written last, after the objects it names. */
    MANIFEST(".cvmfspublished"),
    /** The fingerprints of the certificates that may sign manifests; signed by the master key. */
    WHITELIST(".cvmfswhitelist"),
    /** On a stratum 1: the time of its last complete snapshot, one line as {@code date --utc} prints it. */
    LAST_SNAPSHOT(".cvmfs_last_snapshot"),
    /** On a stratum 1: JSON with {@code last_snapshot} and more; not every server writes it. */
    STATUS(".cvmfs_status.json");

    private final String path;

    RepositoryFile(String path) {
        this.path = path;
    }

    /** Returns the path below the repository's root, without a leading slash. */
    public String path() {
        return path;
    }
}
