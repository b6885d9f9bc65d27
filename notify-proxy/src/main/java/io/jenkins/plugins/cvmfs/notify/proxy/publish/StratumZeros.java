package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NetworkBuilder;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Trust;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.Stratum0Reader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads from stratum 0 servers, with the JVM's HTTP proxy, and its authorities unless the configuration names others. Nothing is
 * started before the first file is read. From any thread.
 */
final class StratumZeros implements Stratum0Reader, AutoCloseable {

    private static final String USER_AGENT = "notify-proxy";

    private final NetworkBuilder settings;
    private @Nullable Network network;
    private boolean closed;

    private StratumZeros(NetworkBuilder settings) {
        this.settings = settings;
    }

    /** @throws InvalidInputException if the file of authorities cannot be used */
    static StratumZeros of(Trust trust) {
        NetworkBuilder network = Network.builder().userAgent(USER_AGENT).readTimeLimit(trust.fetchTimeout());
        trust.caFile().ifPresent(file -> network.tls(trusting(file)));
        return new StratumZeros(network);
    }

    @Override
    public synchronized CompletableFuture<byte[]> file(RepositoryLocation stratum0, String path, int maxBytes) {
        if (closed) {
            return CompletableFuture.failedFuture(new TransientFailureException("the proxy is shutting down"));
        }
        if (network == null) {
            network = settings.build();
        }
        return network.repositoryReader().file(stratum0, path, maxBytes);
    }

    /** Ends what is being read. Closing twice is fine. */
    @Override
    public void close() {
        Network open;
        synchronized (this) {
            closed = true;
            open = network;
        }
        if (open != null) {
            open.close();
        }
    }

    private static SSLContext trusting(Path caFile) {
        try (InputStream pem = Files.newInputStream(caFile)) {
            KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null, null);
            for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                authorities.setCertificateEntry("authority-" + authorities.size(), authority);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(authorities);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new InvalidInputException(
                    "access.ca_file: %s holds no certificates that can be used".formatted(caFile), e);
        }
    }
}
