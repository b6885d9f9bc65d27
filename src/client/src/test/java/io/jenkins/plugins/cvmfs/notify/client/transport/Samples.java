package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Instant;

/** Manifests and messages that look right and are not signed: the transports do not look. */
final class Samples {

    static final RepositoryName ATLAS = new RepositoryName("atlas.cern.ch");
    static final RepositoryName CMS = new RepositoryName("cms.cern.ch");

    private Samples() {}

    static byte[] manifest(RepositoryName repository, long revision) {
        return """
                C0123456789abcdef0123456789abcdef01234567
                Rd41d8cd98f00b204e9800998ecf8427e
                D240
                S%s
                N%s
                --
                0123456789abcdef0123456789abcdef01234567
                not a signature""".formatted(Long.toUnsignedString(revision), repository).getBytes(ISO_8859_1);
    }

    static ActivityMessage activity(RepositoryName repository, long revision) {
        return ActivityMessage.announce(manifest(repository, revision), Instant.parse("2026-11-26T21:13:15Z"));
    }

    static String activityText(RepositoryName repository, long revision) {
        return new String(activity(repository, revision).raw(), UTF_8);
    }
}
