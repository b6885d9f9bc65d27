package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.util.Promise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.8.8",
                "10.1.2.3",
                "172.31.0.1",
                "192.168.1.1",
                "100.64.0.1",
                "::1",
                "fd00::1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1",
                "2002:7f00:1::",
                "::10.0.0.1"
            })
    void aPrivateAddressNeedsToBeAllowed(String text) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(text);

        assertThat(AddressGuard.refusal(address, false))
                .hasValueSatisfying(why -> assertThat(why).contains("is private; set allow_private"));
        assertThat(AddressGuard.refusal(address, true)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "169.254.169.254",
                "224.0.0.1",
                "255.255.255.255",
                "192.0.0.8",
                "::",
                "fe80::1",
                "ff02::1",
                "64:ff9b::a9fe:a9fe",
                "2002:a9fe:a9fe::"
            })
    void someAddressesAreForNoWebhook(String text) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(text);

        assertThat(AddressGuard.refusal(address, true)).isPresent();
        assertThat(AddressGuard.refusal(address, false)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "100.128.0.1", "172.32.0.1", "2001:db8::1", "64:ff9b::c000:207"})
    void aPublicAddressIsAllowed(String text) throws UnknownHostException {
        assertThat(AddressGuard.refusal(InetAddress.getByName(text), false)).isEmpty();
    }

    @Test
    void ofANameThatHasBothOnlyThePublicAddressesAreConnectedTo() throws UnknownHostException {
        List<InetSocketAddress> found = List.of(socket("10.0.0.1"), socket("192.0.2.7"), socket("127.0.0.1"));

        assertThat(resolve(found)).isCompletedWithValue(List.of(socket("192.0.2.7")));
    }

    @Test
    void aNameThatPointsToThisMachineIsRefused() throws UnknownHostException {
        assertThat(resolve(List.of(socket("127.0.0.1"))))
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("127.0.0.1 is private");
    }

    private static InetSocketAddress socket(String address) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), 443);
    }

    private static CompletableFuture<List<InetSocketAddress>> resolve(List<InetSocketAddress> found) {
        CompletableFuture<List<InetSocketAddress>> result = new CompletableFuture<>();
        new AddressGuard((host, port, context, promise) -> promise.succeeded(found))
                .resolve(
                        "rebinding.example.org",
                        443,
                        Map.of(),
                        Promise.from(result::complete, result::completeExceptionally));
        return result;
    }
}
