package hudson.model;

import hudson.security.AccessControlled;

public abstract class Node implements AccessControlled {
    public String getNodeName() {
        throw new UnsupportedOperationException();
    }

    public final Computer toComputer() {
        throw new UnsupportedOperationException();
    }
}
