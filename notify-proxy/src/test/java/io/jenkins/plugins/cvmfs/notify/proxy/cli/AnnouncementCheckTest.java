package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.cli.AnnouncementCheck.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AnnouncementCheckTest {

    private static final ActivityMessage MESSAGE = Announcements.of("test.example.org", 2);
    private static final Verdict TRUSTED = new Verdict.Trusted(MESSAGE.manifest(), "CN=test", Instant.MAX);

    @Test
    void theVerdictDecides() throws InterruptedException {
        assertThat(check(published -> TRUSTED)).isEqualTo(Result.VERIFIED);
        assertThat(check(published -> new Verdict.Rejected(Reason.BAD_SIGNATURE, "bad")))
                .isEqualTo(Result.REJECTED);
    }

    @Test
    void aRepositoryWithoutAVerifierIsBelieved() throws InterruptedException {
        Result result = new AnnouncementCheck(Map.of(), Duration.ZERO).check(MESSAGE);

        assertThat(result).isEqualTo(Result.UNVERIFIED);
    }

    @Test
    void filesThatCannotBeReadAtFirstAreReadAgain() throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();

        Result result = check(published -> {
            if (attempts.incrementAndGet() < 3) {
                throw new TransientFailureException("connection refused");
            }
            return TRUSTED;
        });

        assertThat(result).isEqualTo(Result.VERIFIED);
    }

    @Test
    void filesThatStayAwayLeaveTheAnnouncementUnbelieved() throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();

        Result result = check(published -> {
            attempts.incrementAndGet();
            throw new TransientFailureException("connection refused");
        });

        assertThat(result).isEqualTo(Result.REJECTED);
        assertThat(attempts).hasValue(3);
    }

    private static Result check(Function<byte[], Verdict> verifier) throws InterruptedException {
        return new AnnouncementCheck(Map.of(new RepositoryName("test.example.org"), verifier), Duration.ZERO)
                .check(MESSAGE);
    }
}
