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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * A small signed repository in a folder, as a stratum 0 has it, with keys of its own: manifest, whitelist, certificate and root
 * catalog. A web server that offers the folder is enough to read, verify and wait for it. The root catalog is an object like
 * any other but holds a line of text and no database, so the repository cannot be mounted.
 *
 * <p>Any thread may use it; one call runs at a time. A reader of the folder always sees whole files, and never a manifest
 * before the objects it names.
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

    private final RepositoryFolder folder;
    private final RepositoryName name;
    private final HashAlgorithm algorithm;
    private final Clock clock;
    private final SigningKeys keys;
    private final ContentHash certificate;
    private Manifest manifest;

    private SampleRepository(Path root, RepositoryName name, HashAlgorithm algorithm, Clock clock, SigningKeys keys)
            throws IOException {
        this.folder = new RepositoryFolder(root);
        this.name = name;
        this.algorithm = algorithm;
        this.clock = clock;
        this.keys = keys;
        this.certificate = folder.store(
                ObjectKind.CERTIFICATE, algorithm, keys.certificatePem().getBytes(UTF_8));
        folder.write(RepositoryFile.WHITELIST, keys.signWhitelist(whitelistText(), algorithm));
        this.manifest = write(new Revision(1));
    }

    /**
     * Makes a repository with revision 1 and a whitelist that is valid for 30 days. Making its keys takes some tenths of a
     * second.
     *
     * @param folder the repository's root; made if it is not there, its files replaced if they are
     * @param algorithm for every hash in it
     * @param clock tells when it was published
     * @throws PermanentFailureException if the folder cannot be written
     */
    public static SampleRepository create(Path folder, RepositoryName name, HashAlgorithm algorithm, Clock clock) {
        return create(folder, name, algorithm, clock, SigningKeys.generate(name.value(), clock.instant()));
    }

    /**
     * The same with keys that are there already: repositories may share them, and a test saves the time to make them.
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

    /** Publishes the next revision: first a new root catalog, then the manifest. */
    public synchronized Manifest publish() {
        return publish(new Revision(manifest.revision().bits() + 1));
    }

    /**
     * Publishes a revision of one's choice, which may also be lower: that is a rollback.
     *
     * @return what the manifest says; {@link #manifestBytes()} are the bytes to announce
     * @throws PermanentFailureException if the folder cannot be written
     */
    public synchronized Manifest publish(Revision revision) {
        try {
            manifest = write(revision);
            return manifest;
        } catch (IOException e) {
            throw unwritable(folder.root(), e);
        }
    }

    /**
     * Brings a replica up to the present revision as a stratum 1 does it: missing objects first, then whitelist and manifest,
     * and at the end the two files that tell when this was.
     *
     * @param replica the replica's root; made if it is not there
     * @throws PermanentFailureException if the replica cannot be written
     */
    public synchronized void snapshotTo(Path replica) {
        RepositoryFolder target = new RepositoryFolder(replica);
        String now = SNAPSHOT_TIME.format(clock.instant());
        try {
            folder.copyObjectsTo(target);
            target.write(RepositoryFile.WHITELIST, folder.read(RepositoryFile.WHITELIST));
            target.write(RepositoryFile.MANIFEST, folder.read(RepositoryFile.MANIFEST));
            target.write(
                    RepositoryFile.STATUS,
                    "{\n  \"last_snapshot\": \"%s\"\n}\n".formatted(now).getBytes(UTF_8));
            target.write(RepositoryFile.LAST_SNAPSHOT, (now + "\n").getBytes(UTF_8));
        } catch (IOException e) {
            throw unwritable(replica, e);
        }
    }

    /** The whole {@code .cvmfspublished} of the present revision, signature included. */
    public synchronized byte[] manifestBytes() {
        try {
            return folder.read(RepositoryFile.MANIFEST);
        } catch (IOException e) {
            throw new PermanentFailureException("cannot read the manifest in " + folder.root(), e);
        }
    }

    /** What the manifest of the present revision says. */
    public synchronized Manifest manifest() {
        return manifest;
    }

    /** The repository's root. */
    public Path folder() {
        return folder.root();
    }

    /** The fully qualified name. */
    public RepositoryName name() {
        return name;
    }

    /** The public master key that a reader must trust to verify this repository, PEM. */
    public String masterKeyPem() {
        return keys.masterKeyPem();
    }

    /** The keys it is signed with, for one who wants to sign something wrong. */
    public SigningKeys keys() {
        return keys;
    }

    private Manifest write(Revision revision) throws IOException {
        byte[] catalog =
                "root catalog of %s, revision %s\n".formatted(name, revision).getBytes(UTF_8);
        ContentHash root = folder.store(ObjectKind.CATALOG, algorithm, catalog);
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
        folder.write(RepositoryFile.MANIFEST, keys.signManifest(next.toText(), algorithm));
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

    private static PermanentFailureException unwritable(Path folder, IOException cause) {
        return new PermanentFailureException("cannot write the sample repository in " + folder, cause);
    }
}
