package io.jenkins.plugins.cvmfs.notify.client.manifest;

/** The files with fixed names at the root of a repository, as a stratum 0 or stratum 1 server offers them over HTTP. */
public enum RepositoryFile {
    /** The signed manifest. Written last, so that what it names is there already. */
    MANIFEST(".cvmfspublished"),
    /** The certificates that may sign manifests, signed by the master key. */
    WHITELIST(".cvmfswhitelist"),
    /** On a stratum 1: when its last snapshot ended, one line as {@code date --utc} prints it. */
    LAST_SNAPSHOT(".cvmfs_last_snapshot"),
    /** On a stratum 1: JSON with {@code last_snapshot} and more; not every server has the tools to write it. */
    STATUS(".cvmfs_status.json");

    private final String path;

    RepositoryFile(String path) {
        this.path = path;
    }

    /** The path below the repository's root, without a leading slash. */
    public String path() {
        return path;
    }
}
