package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AddressRange;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Peer.Source;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trusted are 10.0.0.0/8 and fd00::/8. */
class PeersTest {

    private final Peers peers = new Peers(List.of(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("fd00::/8")));

    private Peer peer(String from, String header, String... values) throws UnknownHostException {
        HttpHeaders headers = new DefaultHttpHeaders().set(header, List.of(values));
        EmbeddedChannel channel = new EmbeddedChannel();
        try {
            return peers.of(channel, InetAddress.getByName(from), headers);
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    10.0.0.1     | 192.0.2.7                          | 192.0.2.7   | true
                    10.0.0.1     | 192.0.2.7:4711                     | 192.0.2.7   | true
                    10.0.0.1     | 2001:db8::7                        | 2001:db8::7 | true
                    fd00::1      | [2001:db8::7]:4711                 | 2001:db8::7 | true
                    10.0.0.1     | 127.0.0.1, 192.0.2.7               | 192.0.2.7   | true
                    10.0.0.1     | 127.0.0.1, 192.0.2.7 , 10.9.9.9    | 192.0.2.7   | true
                    10.0.0.1     | 10.1.1.1, 10.2.2.2                 | 10.1.1.1    | true
                    10.0.0.1     | 127.0.0.1                          | 127.0.0.1   | true
                    10.0.0.1     | ::1                                | ::1         | true
                    10.0.0.1     | unknown                            | 10.0.0.1    | false
                    10.0.0.1     | 192.0.2.7, localhost               | 10.0.0.1    | false
                    10.0.0.1     | 192.0.2.7, 1.2.3                   | 10.0.0.1    | false
                    10.0.0.1     | 192.0.2.7,                         | 10.0.0.1    | false
                    192.0.2.1    | 127.0.0.1                          | 192.0.2.1   | false
                    127.0.0.1    | 127.0.0.1                          | 127.0.0.1   | false
                    """)
    void onlyATrustedProxyIsBelievedAndOnlyTheEndOfTheList(String from, String header, String client, boolean direct)
            throws UnknownHostException {
        Peer peer = peer(from, "X-Forwarded-For", header);

        assertThat(peer.address()).isEqualTo(InetAddress.getByName(client));
        assertThat(peer.isAddressKnown()).isEqualTo(direct);
        assertThat(peer.isLocal()).isFalse();
    }

    @Test
    void severalLinesAreOneList() throws UnknownHostException {
        assertThat(peer("10.0.0.1", "X-Forwarded-For", "127.0.0.1", "192.0.2.7, 10.2.2.2")
                        .address())
                .isEqualTo(InetAddress.getByName("192.0.2.7"));
    }

    @Test
    void aTrustedProxysOwnRequestIsItsOwn() throws UnknownHostException {
        Peer peer = peer("10.0.0.1", "Accept", "*/*");

        assertThat(peer).isEqualTo(new Peer(InetAddress.getByName("10.0.0.1"), Source.TRUSTED_PROXY, null));
    }

    @Test
    void aTrustedProxyThatDoesNotTellTheClientVouchesForNobody() throws UnknownHostException {
        assertThat(peer("10.0.0.1", "X-Real-IP", "192.0.2.7").isAddressKnown()).isFalse();
    }
}
