package io.jenkins.plugins.cvmfs.notify.client.manifest;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/** A manifest or whitelist that cannot be read. The message names the line. */
public final class ManifestFormatException extends InvalidInputException {

    private static final long serialVersionUID = 1L;

    private final int line;

    /**
     * @param line the line's number, from 1; 0 if the fault is in no single line
     * @param problem what is wrong there
     */
    public ManifestFormatException(int line, String problem) {
        super(line == 0 ? problem : "line " + line + ": " + problem);
        this.line = line;
    }

    /** The number of the faulty line, from 1; 0 if the fault is in no single line, such as a field that is missing. */
    public int line() {
        return line;
    }
}
