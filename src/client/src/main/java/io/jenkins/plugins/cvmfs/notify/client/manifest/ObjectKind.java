package io.jenkins.plugins.cvmfs.notify.client.manifest;

/** The kinds of objects under {@code data/} that a manifest names, by the letter at the end of their path. */
public enum ObjectKind {
    /** A file catalog; the root catalog is the one the manifest names in its C line. */
    CATALOG('C'),
    /** The X.509 certificate whose key signed the manifest. */
    CERTIFICATE('X'),
    /** The database of named tags. */
    HISTORY('H'),
    /** The repository's meta information, JSON. */
    META_INFO('M');

    private final char letter;

    ObjectKind(char letter) {
        this.letter = letter;
    }

    /** The last character of the object's path. */
    public char letter() {
        return letter;
    }
}
