package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class StateSerializationTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    @Test
    void aWaitGoesOnWithAllThatIsKnown() throws Exception {
        // Given
        WaitState state =
                Samples.waitFor(7L).prepare(Samples.sites(), NOW, null).get(0);
        state.update(GateReports.waiting(state.snapshot()).read("site-a", 7).snapshot());

        // When
        WaitState resumed = (WaitState) copy(state);

        // Then
        assertThat(resumed.snapshot()).isEqualTo(state.snapshot());
        assertThat(resumed.snapshot().replicas().get(0).counts()).isTrue();
        assertThat(resumed.onTimeout()).isEqualTo(state.onTimeout());
        assertThat(resumed.server()).isEqualTo("main");
    }

    @Test
    void aPublishGoesOnWithTheManifestThatWasRead() throws Exception {
        // Given
        PublishState state =
                Samples.publish("sw.example.org", null, null, "main").prepare(Samples.sites(), NOW);
        state.accept(new byte[] {1, 2, 3});

        // When
        PublishState resumed = (PublishState) copy(state);

        // Then
        assertThat(resumed).usingRecursiveComparison().isEqualTo(state);
        assertThat(resumed.repository()).isEqualTo("sw.example.org");
        assertThat(resumed.server()).isEqualTo("main");
        assertThat(resumed.verify()).isTrue();
        assertThat(resumed.giveUpAt()).isEqualTo(NOW.plus(CvmfsPublishNotifyStep.TIME_LIMIT));
        assertThat(resumed.manifest()).containsExactly(1, 2, 3);
    }

    @Test
    void aTransactionGoesOnWhereItWas() throws Exception {
        // Given
        TransactionState state =
                new CvmfsTransactionStep("sw.example.org").prepare(Samples.sites(), NOW, "publisher-1");
        state.wasBusy(NOW);
        state.started("a process");
        state.failed(new IllegalStateException("make failed"));

        // When
        TransactionState resumed = (TransactionState) copy(state);

        // Then
        assertThat(resumed).usingRecursiveComparison().ignoringFields("failure").isEqualTo(state);
        assertThat(resumed.commandName()).isEqualTo("opening-1");
        assertThat(resumed.failure()).hasMessage("make failed");
    }

    @Test
    void theValueOfTheWaitIsKeptInThePipelinesVariables() throws Exception {
        // Given
        WaitState state =
                Samples.waitFor(7L).prepare(Samples.sites(), NOW, null).get(0);
        ReachedRevision value = new ReachedRevision(
                GateReports.waiting(state.snapshot()).read("site-a", 7).timeOut());

        // When
        ReachedRevision resumed = (ReachedRevision) copy(value);

        // Then
        assertThat(resumed).usingRecursiveComparison().isEqualTo(value);
    }

    private static Object copy(Serializable value) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }
}
