package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.Entry;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.LogPosition;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StreamRefreshTest {

    private static final RepositoryName SELDOM = new RepositoryName("seldom.example.org");
    private static final RepositoryName OFTEN = new RepositoryName("often.example.org");

    /** Room for 100 generous messages: due between 100 and 125 messages later. */
    private static final long STREAM_MAX_BYTES = 100 * 8 * 1024;

    private final StreamRefresh refresh =
            new StreamRefresh(new LastValues(List.of(entry(SELDOM), entry(OFTEN))), STREAM_MAX_BYTES);

    private static Entry entry(RepositoryName repository) {
        Announcement announcement = new Announcement(
                Activities.message(repository.value(), 1), new LogPosition("0123456789abcdef", 1), Instant.EPOCH);
        return new Entry(announcement, new UUID(1, 1));
    }

    @Test
    void aValueNearTheEndIsLeftAlone() {
        refresh.seen(SELDOM, 10);
        refresh.seen(OFTEN, 100);

        assertThat(refresh.due()).isEmpty();
    }

    @Test
    void aValueFarBehindTheEndIsDueAndOnlyThat() {
        refresh.seen(SELDOM, 10);
        refresh.seen(OFTEN, 200);

        assertThat(refresh.due()).extracting(Entry::repository).containsExactly(SELDOM);
    }

    @Test
    void untilMoreHasBeenPublishedNothingIsDueAgain() {
        refresh.seen(SELDOM, 10);
        refresh.seen(OFTEN, 200);
        assertThat(refresh.due()).hasSize(1);

        refresh.seen(OFTEN, 201);

        assertThat(refresh.due()).isEmpty();
    }

    @Test
    void aCopyByAnotherProxySavesTheTrouble() {
        refresh.seen(SELDOM, 10);
        refresh.seen(OFTEN, 200);
        refresh.seen(SELDOM, 201);

        assertThat(refresh.due()).isEmpty();
    }

    @Test
    void aValueOfWhichNobodyKnowsWhereItStandsIsDue() {
        refresh.seen(OFTEN, 5);

        assertThat(refresh.due()).extracting(Entry::repository).containsExactly(SELDOM);
    }
}
