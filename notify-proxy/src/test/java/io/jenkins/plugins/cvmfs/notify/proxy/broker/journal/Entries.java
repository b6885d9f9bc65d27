package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.broker.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.LogPosition;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Entries with positions and times that follow from their revision. */
final class Entries {

    static final Instant START = Instant.parse("2026-11-23T21:13:15Z");

    private Entries() {}

    static Entry entry(String repository, int revision) {
        return new Entry(
                new Announcement(
                        Activities.message(repository, revision),
                        new LogPosition("0123456789abcdef", revision),
                        START.plusSeconds(revision)),
                new UUID(1, revision));
    }

    static List<String> texts(List<Entry> entries) {
        return entries.stream().map(e -> e.announcement().message().toString()).toList();
    }
}
