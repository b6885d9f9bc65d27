package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The TLS context of a server, made anew when its files have changed. From any thread.
 *
 * @param <C> what a context is
 */
public final class ServerContext<C> {

    /**
     * Makes contexts.
     *
     * @param <C> what a context is
     */
    @FunctionalInterface
    public interface Maker<C> {

        /**
         * Makes one.
         *
         * @param authorities that may sign clients' certificates; empty means that clients are not asked for one
         * @throws InvalidInputException if it cannot be made of these
         */
        C make(ServerIdentity identity, List<X509Certificate> authorities);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record InUse<C>(
            KeyPairFiles files,
            Optional<Path> clientCaFile,
            Maker<C> maker,
            byte[] digest,
            C context,
            X509Certificate certificate) {}

    private volatile InUse<C> inUse;
    private byte[] seen;

    /**
     * Reads the files.
     *
     * @param clientCaFile PEM file with the authorities to trust when a client shows a certificate; empty means that clients are not
     *     asked for one
     * @throws InvalidInputException if one cannot be used; the message names it
     */
    public ServerContext(KeyPairFiles files, Optional<Path> clientCaFile, Maker<C> maker) {
        this.inUse = load(files, clientCaFile, maker);
        this.seen = inUse.digest();
    }

    /** For the next connection. */
    public C current() {
        return inUse.context();
    }

    /** What the server shows. */
    public X509Certificate certificate() {
        return inUse.certificate();
    }

    /**
     * Looks at the files, and takes them on if any differs from the last time. Blocks.
     *
     * @return whether there is a new context
     * @throws InvalidInputException if changed files cannot be used; the former context stays, and the same files are not tried again
     */
    public synchronized boolean refresh() {
        byte[] now = digest(inUse.files(), inUse.clientCaFile());
        if (MessageDigest.isEqual(now, seen)) {
            return false;
        }
        seen = now;
        inUse = load(inUse.files(), inUse.clientCaFile(), inUse.maker());
        return true;
    }

    /**
     * Reads other files, or the same again. Blocks.
     *
     * @return makes them those in use
     * @throws InvalidInputException if one cannot be used; the message names it
     */
    public Runnable prepare(KeyPairFiles files, Optional<Path> clientCaFile, Maker<C> maker) {
        InUse<C> next = load(files, clientCaFile, maker);
        return () -> takeOn(next);
    }

    private synchronized void takeOn(InUse<C> next) {
        seen = next.digest();
        inUse = next;
    }

    private static <C> InUse<C> load(KeyPairFiles files, Optional<Path> clientCaFile, Maker<C> maker) {
        // Before they are read: a change in between is seen the next time.
        byte[] digest = digest(files, clientCaFile);
        ServerIdentity identity = ServerIdentity.read(files);
        List<X509Certificate> authorities =
                clientCaFile.map(CertificateFile::read).orElse(List.of());
        return new InUse<>(
                files, clientCaFile, maker, digest, maker.make(identity, authorities), identity.certificate());
    }

    private static byte[] digest(KeyPairFiles files, Optional<Path> clientCaFile) {
        MessageDigest digest = sha256();
        Stream.concat(Stream.of(files.cert(), files.key()), clientCaFile.stream())
                .forEach(file -> digest.update(digest(file)));
        return digest.digest();
    }

    private static byte[] digest(Path file) {
        try {
            return sha256().digest(Files.readAllBytes(file));
        } catch (IOException e) {
            // To be reported by whoever reads it in earnest.
            return new byte[0];
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java runtime has SHA-256", e);
        }
    }
}
