package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;

/** The position up to which a new subscriber has announcements; decides which last values it is sent at once. */
@FunctionalInterface
public interface ResumePoint {

    /** Has nothing. */
    ResumePoint FROM_LAST_VALUE = last -> true;

    /** Returns true if the subscriber does not have the last announcement. */
    boolean wants(Announcement last);

    /** Has this revision of every repository it subscribes to. */
    record AfterRevision(Revision revision) implements ResumePoint {
        @Override
        public boolean wants(Announcement last) {
            return last.message().revision().isNewerThan(revision);
        }
    }

    /** Has everything up to this position of the log; of another log it has nothing. */
    record AfterPosition(LogPosition position) implements ResumePoint {
        @Override
        public boolean wants(Announcement last) {
            return last.position().isPerhapsAfter(position);
        }
    }
}
