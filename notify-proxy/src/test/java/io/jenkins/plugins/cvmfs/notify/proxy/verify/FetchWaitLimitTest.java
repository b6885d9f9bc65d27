package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier.Sender;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class FetchWaitLimitTest {

    private static final RepositoryName SW = new RepositoryName("sw.example.org");

    private final FetchWaitLimit limit = new FetchWaitLimit(400);

    private static Sender stranger(int number) {
        return new Sender(false, address(number));
    }

    private static Sender holder() {
        return new Sender(true, address(1));
    }

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) 198, 51, 100, (byte) number});
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private int takeAll(RepositoryName repository, Sender sender) {
        int taken = 0;
        while (taken < 10_000 && limit.place(repository, sender).take()) {
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

        assertThat(takeAll(SW, holder())).isEqualTo(FetchWaitLimit.PER_REPOSITORY);
    }

    @Test
    void eachKindGetsAQuarterOfThePendingPublishes() {
        int total = 0;
        for (int number = 0; number < 10; number++) {
            total += takeAllByStrangers(new RepositoryName("r" + number));
        }

        assertThat(total).isEqualTo(100);
        assertThat(takeAll(SW, holder())).isEqualTo(FetchWaitLimit.PER_REPOSITORY);
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
