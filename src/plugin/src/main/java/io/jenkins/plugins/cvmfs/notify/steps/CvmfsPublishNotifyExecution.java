package io.jenkins.plugins.cvmfs.notify.steps;

import org.jenkinsci.plugins.workflow.steps.StepContext;

/**
 * The class of a running {@code cvmfsPublishNotify} in builds that an older version of the plugin saved. When Jenkins loads such a
 * build, it gets the present class.
 *
 * @deprecated only for builds that run while the plugin is upgraded
 */
@Deprecated
final class CvmfsPublishNotifyExecution extends CvmfsPublishNotifyStep.Execution {

    private static final long serialVersionUID = 1L;

    private final PublishState state;

    /** Not called: Jenkins reads the fields. */
    CvmfsPublishNotifyExecution(StepContext context, PublishState state) {
        super(context, state);
        this.state = state;
    }

    private Object readResolve() {
        return new CvmfsPublishNotifyStep.Execution(getContext(), state);
    }
}
