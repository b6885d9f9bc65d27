package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Instant;

/** Announcements without a signature, for what does not look at it. */
final class Announcements {

    static final String ROOT_HASH = "0123456789012345678901234567890123456789";

    private Announcements() {}

    /** @param revision read as unsigned: -1 is the highest */
    static ActivityMessage of(String repository, long revision) {
        String manifest = "C%s\nRd41d8cd98f00b204e9800998ecf8427e\nD240\nS%s\nN%s\n--\n"
                .formatted(ROOT_HASH, new Revision(revision), repository);
        return ActivityMessage.announce(manifest.getBytes(UTF_8), Instant.EPOCH);
    }
}
