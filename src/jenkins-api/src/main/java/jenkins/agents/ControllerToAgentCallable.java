package jenkins.agents;

import hudson.remoting.Callable;

public interface ControllerToAgentCallable<V, T extends Throwable> extends Callable<V, T> {}
