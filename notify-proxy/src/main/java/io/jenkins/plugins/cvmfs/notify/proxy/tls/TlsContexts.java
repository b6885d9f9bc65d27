package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS as one side of a connection sees it: who we are and whom we trust. */
public final class TlsContexts {

    private static final char[] NO_PASSWORD = {};

    private TlsContexts() {}

    /**
     * For connecting to servers.
     *
     * @param caFile PEM file with the authorities to trust; empty means the JVM's
     * @param identity what proves our identity to servers that ask for it; empty means nothing
     * @throws InvalidInputException if a file cannot be used; the message names it
     */
    public static SSLContext client(Optional<Path> caFile, Optional<KeyPairFiles> identity) {
        return context(identity.map(ServerIdentity::read).orElse(null), caFile);
    }

    private static SSLContext context(@Nullable ServerIdentity identity, Optional<Path> caFile) {
        List<X509Certificate> authorities = caFile.map(CertificateFile::read).orElse(List.of());
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity == null ? null : keys(identity), authorities.isEmpty() ? null : trust(authorities), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new InvalidInputException("the certificates cannot be used for TLS: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keys(ServerIdentity identity) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry(
                "identity", identity.key(), NO_PASSWORD, identity.chain().toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        return keys.getKeyManagers();
    }

    private static TrustManager[] trust(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry("authority-" + store.size(), authority);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }
}
