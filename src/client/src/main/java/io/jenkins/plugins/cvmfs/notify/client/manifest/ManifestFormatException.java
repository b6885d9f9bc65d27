package io.jenkins.plugins.cvmfs.notify.client.manifest;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/** Thrown if a manifest or whitelist is malformed. The message names the line. */
public final class ManifestFormatException extends InvalidInputException {

    private static final long serialVersionUID = 1L;

    private final int line;

    /**
     * @param line the line's number, from 1; 0 if no single line is at fault
     * @param problem what is wrong there
     */
    public ManifestFormatException(int line, String problem) {
        super(line == 0 ? problem : "line " + line + ": " + problem);
        this.line = line;
    }

    /** Returns the number of the faulty line, from 1; 0 if no single line is at fault, as when a field is missing. */
    public int line() {
        return line;
    }
}
