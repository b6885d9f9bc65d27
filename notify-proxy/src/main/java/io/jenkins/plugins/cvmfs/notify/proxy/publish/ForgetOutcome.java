package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;

/** How it ended that somebody wanted a repository to be forgotten. */
public sealed interface ForgetOutcome {

    /** It is forgotten, and stays so across restarts; where this proxy cannot know them all, perhaps there was nothing to forget. */
    record Forgotten() implements ForgetOutcome {}

    /** There is no last announcement of it. */
    record Unknown() implements ForgetOutcome {}

    /** Whoever asked may not. */
    record Refused(Denial reason, String detail) implements ForgetOutcome {}

    /** It is not known to be forgotten; asking again is safe. */
    record Unavailable(String detail) implements ForgetOutcome {}
}
