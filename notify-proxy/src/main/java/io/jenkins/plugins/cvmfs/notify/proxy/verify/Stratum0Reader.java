package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads files of stratum 0 servers, with the JVM's HTTP proxy, and with its certificate authorities unless the configuration names
 * others. Starts nothing before the first file is read. Thread-safe.
 */
public final class Stratum0Reader implements AutoCloseable {

    private static final String USER_AGENT = "notify-proxy";

    private final Network.Builder settings;
    private @Nullable Network network;
    private boolean closed;

    private Stratum0Reader(Network.Builder settings) {
        this.settings = settings;
    }

    /**
     * Reads the certificate authorities that the configuration names.
     *
     * @throws InvalidInputException if their file cannot be used
     */
    public static Stratum0Reader of(Trust trust) {
        Network.Builder network = Network.builder().userAgent(USER_AGENT).readTimeLimit(trust.fetchTimeout());
        trust.caFile().ifPresent(file -> network.tls(trusting(file)));
        return new Stratum0Reader(network);
    }

    /**
     * Begins to read a file, without blocking. The future completes within the configured time limit; it fails with a {@link
     * io.jenkins.plugins.cvmfs.notify.client.NotifyException}.
     *
     * @param path below the repository's root
     * @param maxBytes fails if the file is longer
     */
    CompletableFuture<byte[]> file(RepositoryLocation stratum0, String path, int maxBytes) {
        return read(reader -> reader.file(stratum0, path, maxBytes));
    }

    /**
     * Begins to read a manifest, as {@link RepositoryReader#manifest} does, within the configured time limit.
     *
     * @param previous the result of an earlier call for this location, or null
     */
    public CompletableFuture<FetchedManifest> manifest(
            RepositoryLocation stratum0, @Nullable FetchedManifest previous) {
        return read(reader -> reader.manifest(stratum0, previous));
    }

    private synchronized <T> CompletableFuture<T> read(Function<RepositoryReader, CompletableFuture<T>> begin) {
        if (closed) {
            return CompletableFuture.failedFuture(new TransientFailureException("the proxy is shutting down"));
        }
        if (network == null) {
            network = settings.build();
        }
        return begin.apply(network.repositoryReader());
    }

    /** Cancels the reads under way. Closing twice is fine. */
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
            throw new InvalidInputException("access.ca_file: %s holds no usable certificate".formatted(caFile), e);
        }
    }
}
