package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.time.Instant;

/** Numbers announcements as a log does. */
final class TestLog {

    static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final LogListener tail;
    private long offset;

    TestLog(LogListener tail) {
        this.tail = tail;
    }

    void deliver(String repository, long revision) {
        tail.delivered(announcement(repository, revision, ++offset));
    }

    static Announcement announcement(String repository, long revision, long offset) {
        return new Announcement(Activities.message(repository, revision), new LogPosition("epoch1", offset), NOW);
    }
}
