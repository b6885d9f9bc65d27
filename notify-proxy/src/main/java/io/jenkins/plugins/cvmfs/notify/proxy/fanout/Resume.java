package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;

/** What a new subscriber has already: decides whether it is given a repository's last announcement at once. */
public sealed interface Resume {

    /** Has nothing. */
    Resume FROM_LAST_VALUE = new FromLastValue();

    /** Whether the last announcement is news to the subscriber. */
    boolean wants(Announcement last);

    /** Has nothing. */
    record FromLastValue() implements Resume {
        @Override
        public boolean wants(Announcement last) {
            return true;
        }
    }

    /** Has this revision of every repository it subscribes to. */
    record AfterRevision(Revision revision) implements Resume {
        @Override
        public boolean wants(Announcement last) {
            return last.message().revision().isNewerThan(revision);
        }
    }

    /** Has everything up to this position of the log; of another log it has nothing. */
    record AfterPosition(LogPosition position) implements Resume {
        @Override
        public boolean wants(Announcement last) {
            LogPosition there = last.position();
            return !there.epoch().equals(position.epoch()) || there.offset() > position.offset();
        }
    }
}
