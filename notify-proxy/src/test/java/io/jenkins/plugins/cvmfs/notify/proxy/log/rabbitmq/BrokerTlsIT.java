package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsRabbitMq(owned = true)
class BrokerTlsIT {

    private final OwnedBroker broker;
    private final AmqpSettings overTls;

    BrokerTlsIT(OwnedBroker broker) {
        this.broker = broker;
        this.overTls = Mode.STREAM.on(broker).at("localhost", broker.tlsPort());
    }

    private static void assertRefused(AmqpSettings amqp, String why) {
        try (LogUnderTest log = LogUnderTest.start(amqp)) {
            LogUnderTest.await()
                    .untilAsserted(() -> assertThat(log.state().detail()).contains(why));
            assertThat(log.state().isReady()).isFalse();
        }
    }

    @Test
    void aBrokerThatAsksForOurCertificateRefusesUsWithoutOne() {
        assertRefused(overTls.tls(broker.authority()), "certificate_required");
    }

    @Test
    void aCertificateForAnotherHostIsRefused() {
        assertRefused(overTls.at("127.0.0.1", broker.tlsPort()).tls(broker.authority()), "certificate is not trusted");
    }

    @Test
    void aCertificateOfAnUnknownAuthorityIsRefused() {
        assertRefused(overTls.tls(null), "certificate is not trusted");
    }

    @Test
    void aBrokerThatDoesNotSpeakTlsIsRefused() {
        assertRefused(Mode.STREAM.on(broker).tls(broker.authority()), "TLS");
    }

    @Test
    void aFileWithoutAnAuthorityIsNamed(@TempDir Path folder) throws IOException {
        Path empty = Files.writeString(folder.resolve("ca.pem"), "");

        assertRefused(overTls.tls(empty), "no certificate in " + empty);
    }

    @Test
    void aBrokerOfOurOwnAuthorityIsTrustedAndShownTheCertificateThatItAsksFor() {
        Path authority = broker.authority();
        AmqpSettings identified = overTls.tls(authority).identity(authority.resolveSibling("."), "server");

        try (LogUnderTest log = LogUnderTest.ready(identified)) {
            log.append("a.example.org", 1).join();
        }
    }

    @Test
    void aBrokerThatDoesNotKnowOurCertificatesAuthorityRefusesUs(@TempDir Path folder) {
        new TestAuthority("another authority").issue("proxy").write(folder, "proxy");

        assertRefused(overTls.tls(broker.authority()).identity(folder, "proxy"), "TLS");
    }

    @Test
    void aKeyThatIsNotThereIsNamed(@TempDir Path folder) {
        new TestAuthority("authority").issue("proxy").write(folder, "proxy");

        assertRefused(overTls.tls(broker.authority()).identity(folder, "nobody"), "there is no file " + folder);
    }
}
