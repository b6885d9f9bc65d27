package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FetchWaitLimitTest {

    private static final RepositoryName SW = new RepositoryName("sw.example.org");

    private final FetchWaitLimit limit = new FetchWaitLimit(400);

    private static InetAddress stranger(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) 198, 51, 100, (byte) number});
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private int takeAllWithRight() {
        return takeAll(SW, null);
    }

    private int takeAll(RepositoryName repository, @Nullable InetAddress stranger) {
        int taken = 0;
        while (taken < 10_000 && limit.place(repository, stranger).take()) {
            taken++;
        }
        return taken;
    }

    private int takeAllByStrangers(RepositoryName repository) {
        int taken = 0;
        for (int number = 0; number < 255; number++) {
            taken += takeAll(repository, stranger(number));
        }
        return taken;
    }

    @Test
    void oneAddressGetsAFewPlacesForARepository() {
        assertThat(takeAll(SW, stranger(1))).isEqualTo(FetchWaitLimit.PER_STRANGER);
        assertThat(takeAll(SW, stranger(2))).isEqualTo(FetchWaitLimit.PER_STRANGER);
    }

    @Test
    void strangersAndSendersWithARightTakeNoPlacesOfEachOther() {
        assertThat(takeAllByStrangers(SW)).isEqualTo(FetchWaitLimit.PER_REPOSITORY);

        assertThat(takeAllWithRight()).isEqualTo(FetchWaitLimit.PER_REPOSITORY);
    }

    @Test
    void eachKindGetsAQuarterOfThePendingPublishes() {
        int total = 0;
        for (int number = 0; number < 10; number++) {
            total += takeAllByStrangers(new RepositoryName("r" + number));
        }

        assertThat(total).isEqualTo(100);
        assertThat(takeAllWithRight()).isEqualTo(FetchWaitLimit.PER_REPOSITORY);
    }

    @Test
    void aPlaceIsTakenOnceAndGivenBackOnce() {
        FetchWaitLimit.Place place = limit.place(SW, stranger(1));
        for (int i = 0; i < 100; i++) {
            assertThat(place.take()).isTrue();
        }

        assertThat(takeAll(SW, stranger(1))).isEqualTo(FetchWaitLimit.PER_STRANGER - 1);
        place.leave();
        place.leave();
        assertThat(takeAll(SW, stranger(1))).isEqualTo(1);
    }
}
