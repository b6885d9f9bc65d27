package io.jenkins.plugins.cvmfs.notify.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals.Kind;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class RefusalsTest {

    private static final RepositoryName ATLAS = new RepositoryName("atlas.example.org");

    private final Refusals refusals = new Refusals(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

    @Test
    void aClientThatKeepsTryingTakesOnePlaceAndDisplacesNobody() {
        refusals.add(Kind.SUBSCRIBE, "192.0.2.1", null, "invalid", "no name");
        for (int i = 0; i < 500; i++) {
            refusals.add(Kind.PUBLISH, "192.0.2.2", ATLAS, "not_allowed", "attempt " + i);
        }

        assertThat(refusals.all()).hasSize(2);
        assertThat(refusals.all().get(1).getKey().repository()).isEqualTo("atlas.example.org");
        assertThat(refusals.all().get(1).getValue().count()).isEqualTo(500);
        assertThat(refusals.all().get(1).getValue().detail()).isEqualTo("attempt 499");
    }

    @Test
    void theOldestGivesWay() {
        for (int i = 0; i < 150; i++) {
            refusals.add(Kind.PUBLISH, "192.0.2." + i, null, "invalid_message", "x".repeat(1000));
        }

        assertThat(refusals.all()).hasSize(100);
        assertThat(refusals.all().get(0).getKey().address()).isEqualTo("192.0.2.50");
        assertThat(refusals.all().get(99).getValue().detail()).hasSize(300);
    }
}
