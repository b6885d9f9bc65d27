package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "::ffff:192.0.2.1, 192.0.2.1",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2::",
        "2001:db8:1:2::, 2001:db8:1:2::",
        "::1, ::",
    })
    void anIpv6NetworkOf64BitsIsOneClient(String address, String network) throws UnknownHostException {
        assertThat(Peer.networkOf(InetAddress.getByName(address))).isEqualTo(InetAddress.getByName(network));
    }
}
