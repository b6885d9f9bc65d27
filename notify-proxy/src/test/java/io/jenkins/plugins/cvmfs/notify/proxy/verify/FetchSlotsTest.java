package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class FetchSlotsTest {

    private static final String WHITELIST = ".cvmfswhitelist";

    private final FetchSlots slots = new FetchSlots(1);

    @Test
    void aFetchThatCannotBeginGivesItsSlotBack() {
        assertThat(slots.run(true, () -> {
                    throw new StackOverflowError("for the test");
                }))
                .isTrue();
        AtomicBoolean begun = new AtomicBoolean();

        assertThat(slots.run(true, () -> {
                    begun.set(true);
                    return CompletableFuture.completedFuture(null);
                }))
                .isTrue();

        assertThat(begun).isTrue();
    }

    @Test
    void aFileThatCannotBeAskedForFailsAndOthersAreFetched() {
        byte[] certificate = {1};
        TrustFileCache files = new TrustFileCache(
                (path, maxBytes) -> {
                    if (path.equals(WHITELIST)) {
                        throw new IllegalStateException("for the test");
                    }
                    return CompletableFuture.completedFuture(certificate);
                },
                slots,
                Duration.ofMinutes(1),
                () -> 0L);

        CompletableFuture<byte[]> whitelist = files.fetch(WHITELIST, 100, true);

        assertThat(whitelist).isCompletedExceptionally();
        assertThat(files.fetch("data/aa", 100, true)).isCompletedWithValue(certificate);
    }
}
