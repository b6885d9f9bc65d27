package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The TLS context of a server, made again when the content of its files has changed. Safe for use by any thread. */
public final class ReloadableTlsContext {

    /** Makes contexts. */
    @FunctionalInterface
    public interface Maker {

        /**
         * Makes a context.
         *
         * @param authorities that may sign clients' certificates; empty means that clients are not asked for one
         * @throws InvalidInputException if no context can be made of these
         */
        SslContext make(TlsIdentity identity, List<X509Certificate> authorities);
    }

    /** @param digest of the files' content */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record InUse(
            KeyPairFiles files,
            Optional<Path> clientCaFile,
            Maker maker,
            byte[] digest,
            SslContext context,
            X509Certificate certificate) {}

    private volatile InUse inUse;
    private byte[] seen;

    /**
     * Reads the files.
     *
     * @param clientCaFile PEM file with the authorities to trust when a client shows a certificate; empty means that clients are not
     *     asked for one
     * @throws InvalidInputException if one cannot be used; the message names it
     */
    public ReloadableTlsContext(KeyPairFiles files, Optional<Path> clientCaFile, Maker maker) {
        this.inUse = load(files, clientCaFile, maker);
        this.seen = inUse.digest();
    }

    /** Returns the context for the next connection. */
    public SslContext current() {
        return inUse.context();
    }

    /** Returns the certificate that the server shows. */
    public X509Certificate certificate() {
        return inUse.certificate();
    }

    /**
     * Reads the files again if one of them has changed since the last time. Blocks.
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
     * @return puts them in use
     * @throws InvalidInputException if one cannot be used; the message names it
     */
    public Runnable prepare(KeyPairFiles files, Optional<Path> clientCaFile, Maker maker) {
        InUse next = load(files, clientCaFile, maker);
        return () -> use(next);
    }

    private synchronized void use(InUse next) {
        seen = next.digest();
        inUse = next;
    }

    private static InUse load(KeyPairFiles files, Optional<Path> clientCaFile, Maker maker) {
        // Before they are read, so that a change in between is noticed by the next refresh.
        byte[] digest = digest(files, clientCaFile);
        TlsIdentity identity = TlsIdentity.read(files);
        List<X509Certificate> authorities =
                clientCaFile.map(TlsIdentity::certificates).orElse(List.of());
        SslContext context = maker.make(identity, authorities);
        return new InUse(files, clientCaFile, maker, digest, context, identity.certificate());
    }

    private static byte[] digest(KeyPairFiles files, Optional<Path> clientCaFile) {
        MessageDigest all = sha256();
        Stream.concat(Stream.of(files.cert(), files.key()), clientCaFile.stream())
                .forEach(file -> {
                    try {
                        all.update(sha256().digest(Files.readAllBytes(file)));
                    } catch (IOException e) {
                        // Reported by load(), which reads the file for its content; here it counts as another content.
                        all.update((byte) 0);
                    }
                });
        return all.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java runtime has SHA-256", e);
        }
    }
}
