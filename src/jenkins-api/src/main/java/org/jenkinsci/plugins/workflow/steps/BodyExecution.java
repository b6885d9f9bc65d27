package org.jenkinsci.plugins.workflow.steps;

import java.io.Serializable;

public abstract class BodyExecution implements Serializable {
    public boolean cancel(Throwable t) {
        throw new UnsupportedOperationException();
    }
}
