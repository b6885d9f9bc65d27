package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whom to trust when connecting to the broker with TLS. */
public final class BrokerTls {

    private BrokerTls() {}

    /**
     * A context that trusts the authorities of a PEM file, or the JVM's if there is none. The file is read each time, so that new
     * authorities count from the next connection on.
     *
     * @throws IOException if the file cannot be read
     * @throws GeneralSecurityException if it holds no certificate, or one that cannot be read
     */
    public static SSLContext context(Optional<Path> caFile) throws IOException, GeneralSecurityException {
        @Nullable KeyStore authorities = caFile.isPresent() ? authorities(caFile.get()) : null;
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore authorities(Path pem) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = Files.newInputStream(pem)) {
            for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry("authority-" + store.size(), authority);
            }
        }
        if (store.size() == 0) {
            throw new CertificateException("no certificate in " + pem);
        }
        return store;
    }
}
