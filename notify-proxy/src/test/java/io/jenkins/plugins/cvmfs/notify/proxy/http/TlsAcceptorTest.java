package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsEngine;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TestAuthority;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which engine is taken; BoringSSL loads where this project is built. */
class TlsAcceptorTest {

    @TempDir
    private Path folder;

    private TlsIdentity identity;

    @BeforeEach
    void issue() {
        new TestAuthority("Test authority").issue("localhost").write(folder, "server");
        identity = TlsIdentity.read(new KeyPairFiles(folder.resolve("server.pem"), folder.resolve("server.key")));
    }

    @Test
    void theNativeOneIsTakenWhereItLoads() {
        assertThat(name(TlsEngine.AUTO, identity)).startsWith("native, BoringSSL");
        assertThat(name(TlsEngine.NATIVE, identity)).startsWith("native, BoringSSL");
    }

    @Test
    void theJdksIsTakenWhereItIsAskedFor() {
        assertThat(name(TlsEngine.JDK, identity)).isEqualTo("jdk");
    }

    @Test
    void theJdksIsTakenForAKeyThatBoringSslOffersNoSignaturesOf() throws GeneralSecurityException {
        TlsIdentity edwards = new TlsIdentity(
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate(), identity.chain());

        assertThat(name(TlsEngine.AUTO, edwards)).isEqualTo("jdk");
    }

    private static String name(TlsEngine wanted, TlsIdentity of) {
        SslContext context = TlsAcceptor.make(wanted, of, List.of());
        return TlsAcceptor.engineOf(context);
    }
}
