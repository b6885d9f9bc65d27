package io.jenkins.plugins.cvmfs.notify.client.sample;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;

/**
 * A small signed repository in a folder, as on a stratum 0, with its own keys: manifest, whitelist, certificate and root
 * catalog. Any web server can serve the folder. The root catalog holds a line of text and no database, so the repository cannot
 * be mounted.
 *
 * <p>Thread-safe; one call runs at a time, and blocks on the disk. A reader of the folder always sees whole files, and never a
 * manifest before the objects it names.
 */
public final class SampleRepository {

    private static final Duration TIME_TO_LIVE = Duration.ofMinutes(4);
    private static final Duration WHITELIST_VALIDITY = Duration.ofDays(30);
    private static final DateTimeFormatter WHITELIST_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
    /** As {@code date --utc} prints it in the C locale, with which the server tools run. */
    private static final DateTimeFormatter SNAPSHOT_TIME = DateTimeFormatter.ofPattern(
                    "EEE MMM ppd HH:mm:ss 'UTC' yyyy", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final String OBJECTS = "data";

    private final Path folder;
    private final RepositoryName name;
    private final HashAlgorithm algorithm;
    private final Clock clock;
    private final SigningKeys keys;
    private final ContentHash certificate;
    private Manifest manifest;

    private SampleRepository(Path folder, RepositoryName name, HashAlgorithm algorithm, Clock clock, SigningKeys keys)
            throws IOException {
        this.folder = folder;
        this.name = name;
        this.algorithm = algorithm;
        this.clock = clock;
        this.keys = keys;
        this.certificate = store(ObjectKind.CERTIFICATE, keys.certificatePem().getBytes(UTF_8));
        write(folder, RepositoryFile.WHITELIST.path(), keys.signWhitelist(whitelistText(), algorithm));
        this.manifest = write(new Revision(1));
    }

    /**
     * Creates a repository with revision 1 and a whitelist that is valid for 30 days. Its key pairs are those of every repository that this
     * process creates without keys of its own; the first one takes some tenths of a second.
     *
     * @param folder the repository's root; created if missing, its files replaced
     * @param algorithm for every hash in it
     * @param clock gives the times in manifest and whitelist
     * @throws PermanentFailureException if the folder cannot be written
     */
    public static SampleRepository create(Path folder, RepositoryName name, HashAlgorithm algorithm, Clock clock) {
        return create(folder, name, algorithm, clock, SigningKeys.shared(name.value(), clock.instant()));
    }

    /**
     * Creates a repository with keys of its own.
     *
     * @throws PermanentFailureException if the folder cannot be written
     */
    public static SampleRepository create(
            Path folder, RepositoryName name, HashAlgorithm algorithm, Clock clock, SigningKeys keys) {
        try {
            return new SampleRepository(folder, name, algorithm, clock, keys);
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
    }

    /** Publishes the next revision: first a new root catalog, then the manifest. Throws as {@link #publish(Revision)}. */
    public synchronized Manifest publish() {
        return publish(new Revision(manifest.revision().bits() + 1));
    }

    /**
     * Publishes this revision; a lower one than the present is a rollback.
     *
     * @return the new manifest; announce {@link #manifestBytes()}
     * @throws PermanentFailureException if the folder cannot be written
     */
    public synchronized Manifest publish(Revision revision) {
        try {
            manifest = write(revision);
            return manifest;
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
    }

    /**
     * Brings a replica to the present revision as a stratum 1 does: missing objects first, then whitelist and manifest, then the
     * two files with the time of the snapshot.
     *
     * @param replica the replica's root; created if missing
     * @throws PermanentFailureException if the replica cannot be written
     */
    public synchronized void snapshotTo(Path replica) {
        String now = SNAPSHOT_TIME.format(clock.instant());
        try {
            copyMissingObjects(replica);
            write(replica, RepositoryFile.WHITELIST.path(), read(RepositoryFile.WHITELIST));
            write(replica, RepositoryFile.MANIFEST.path(), read(RepositoryFile.MANIFEST));
            String status = "{\n  \"last_snapshot\": \"%s\"\n}\n".formatted(now);
            write(replica, RepositoryFile.STATUS.path(), status.getBytes(UTF_8));
            write(replica, RepositoryFile.LAST_SNAPSHOT.path(), (now + "\n").getBytes(UTF_8));
        } catch (IOException e) {
            throw unwritable(replica, e);
        }
    }

    /** Returns the whole {@code .cvmfspublished} of the present revision, signature included. */
    public synchronized byte[] manifestBytes() {
        try {
            return read(RepositoryFile.MANIFEST);
        } catch (IOException e) {
            throw new PermanentFailureException("cannot read the manifest in " + folder, e);
        }
    }

    /** Returns the manifest of the present revision. */
    public synchronized Manifest manifest() {
        return manifest;
    }

    public Path folder() {
        return folder;
    }

    /** Returns the public master key that verifies this repository, PEM. */
    public String masterKeyPem() {
        return keys.masterKeyPem();
    }

    /** Returns the keys it is signed with: a test may sign something wrong with them. */
    public SigningKeys keys() {
        return keys;
    }

    private Manifest write(Revision revision) throws IOException {
        byte[] catalog =
                "root catalog of %s, revision %s\n".formatted(name, revision).getBytes(UTF_8);
        ContentHash root = store(ObjectKind.CATALOG, catalog);
        Manifest next = new Manifest(
                root,
                catalog.length,
                Manifest.ROOT_PATH_HASH,
                TIME_TO_LIVE,
                revision,
                name,
                certificate,
                null,
                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                null,
                null,
                false,
                false,
                null);
        write(folder, RepositoryFile.MANIFEST.path(), keys.signManifest(next.toText(), algorithm));
        return next;
    }

    private String whitelistText() {
        return "%s\nE%s\nN%s\n%s\n"
                .formatted(
                        WHITELIST_TIME.format(clock.instant()),
                        WHITELIST_TIME.format(clock.instant().plus(WHITELIST_VALIDITY)),
                        name,
                        keys.fingerprint(algorithm));
    }

    private byte[] read(RepositoryFile file) throws IOException {
        return Files.readAllBytes(folder.resolve(file.path()));
    }

    /** Stores an object compressed, under the hash of the stored bytes. */
    private ContentHash store(ObjectKind kind, byte[] content) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(compressed)) {
            zlib.write(content);
        }
        ContentHash hash = ContentHash.of(algorithm, compressed.toByteArray());
        write(folder, hash.objectPath(kind), compressed.toByteArray());
        return hash;
    }

    private void copyMissingObjects(Path replica) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve(OBJECTS))) {
            for (Path object : files.filter(Files::isRegularFile).toList()) {
                String path = folder.relativize(object).toString();
                if (!Files.exists(replica.resolve(path))) {
                    write(replica, path, Files.readAllBytes(object));
                }
            }
        }
    }

    /** Writes a file and then moves it into place, so that a reader never sees half of it. */
    private static void write(Path root, String path, byte[] content) throws IOException {
        Path target = root.resolve(path);
        Path partial = root.resolve(path + ".partial");
        Files.createDirectories(root.resolve(path).getParent());
        Files.write(partial, content);
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static PermanentFailureException unwritable(Path folder, IOException cause) {
        return new PermanentFailureException("cannot write the sample repository in " + folder, cause);
    }
}
