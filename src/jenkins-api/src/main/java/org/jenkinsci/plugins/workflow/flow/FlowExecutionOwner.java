package org.jenkinsci.plugins.workflow.flow;

import hudson.model.Queue;
import java.io.IOException;
import java.io.Serializable;

public abstract class FlowExecutionOwner implements Serializable {
    public abstract Queue.Executable getExecutable() throws IOException;

    public FlowExecution getOrNull() {
        throw new UnsupportedOperationException();
    }

    public interface Executable extends Queue.Executable {
        FlowExecutionOwner asFlowExecutionOwner();
    }
}
