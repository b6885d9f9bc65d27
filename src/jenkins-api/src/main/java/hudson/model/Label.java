package hudson.model;

import hudson.slaves.Cloud;
import java.util.Set;

public abstract class Label {
    public static Label parseExpression(String expression) {
        throw new UnsupportedOperationException();
    }

    public final boolean matches(Node n) {
        throw new UnsupportedOperationException();
    }

    public Set<Cloud> getClouds() {
        throw new UnsupportedOperationException();
    }
}
