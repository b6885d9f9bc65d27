package io.jenkins.plugins.cvmfs.notify.steps;

import java.util.List;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/**
 * The class of a running {@code waitForCvmfsRevision} in builds that an older version of the plugin saved. When Jenkins loads such a
 * build, it gets the present class.
 *
 * @deprecated only for builds that run while the plugin is upgraded
 */
@Deprecated
final class WaitForCvmfsRevisionExecution extends WaitForCvmfsRevisionStep.Execution {

    private static final long serialVersionUID = 1L;

    private final WaitState state;

    /** Not called: Jenkins reads the fields. */
    WaitForCvmfsRevisionExecution(StepContext context, WaitState state) {
        super(context, List.of(state));
        this.state = state;
    }

    private Object readResolve() {
        return new WaitForCvmfsRevisionStep.Execution(getContext(), List.of(state));
    }
}
