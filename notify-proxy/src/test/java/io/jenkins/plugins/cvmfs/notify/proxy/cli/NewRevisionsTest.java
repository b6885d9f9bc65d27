package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class NewRevisionsTest {

    private final List<String> told = new ArrayList<>();

    @Test
    void onlyRevisionsAboveTheLimitAndAboveTheLastOneAreTold() {
        NewRevisions revisions =
                new NewRevisions(new Revision(5), new AnnouncementCheck(Map.of(), Duration.ZERO), this::tell);

        for (long revision : new long[] {4, 5, 7, 7, 6, 8, -1}) {
            revisions.activity(Announcements.of("a.example.org", revision));
        }
        revisions.activity(Announcements.of("b.example.org", 6));

        assertThat(told)
                .as("the last is the largest unsigned number, not a negative one")
                .containsExactly(
                        "a.example.org revision 7 false",
                        "a.example.org revision 8 false",
                        "a.example.org revision 18446744073709551615 false",
                        "b.example.org revision 6 false");
    }

    @Test
    void aRejectedAnnouncementIsNotToldAndDoesNotHideATrueOne() {
        Function<byte[], Verdict> onlyRevision2 = published -> {
            var manifest = Announcements.of("a.example.org", 2).manifest();
            return new String(published, UTF_8).contains("S2\n")
                    ? new Verdict.Trusted(manifest, "CN=a", Instant.MAX)
                    : new Verdict.Rejected(Reason.BAD_SIGNATURE, "bad");
        };
        AnnouncementCheck check =
                new AnnouncementCheck(Map.of(new RepositoryName("a.example.org"), onlyRevision2), Duration.ZERO);
        NewRevisions revisions = new NewRevisions(Revision.ZERO, check, this::tell);

        revisions.activity(Announcements.of("a.example.org", 999));
        revisions.activity(Announcements.of("a.example.org", 2));

        assertThat(told).containsExactly("a.example.org revision 2 true");
    }

    private void tell(ActivityMessage message, boolean verified) {
        told.add(message + " " + verified);
    }
}
