package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates and revisions that the administrator of this machine has revoked, usually in {@code /etc/cvmfs/blacklist}: a
 * certificate by a line with its fingerprint, revisions by a line {@code <NAME REVISION}, which revokes all lower ones.
 * Immutable.
 */
public final class Blacklist {

    /** Revokes nothing. */
    public static final Blacklist EMPTY = new Blacklist(Set.of(), Map.of());

    private static final Logger LOG = LoggerFactory.getLogger(Blacklist.class);
    private static final Pattern REVISION_LINE = Pattern.compile("<(\\S+)[ \t]+(\\S+)\\s*");

    private final Set<ContentHash> certificates;
    private final Map<RepositoryName, Revision> lowestRevisions;

    private Blacklist(Set<ContentHash> certificates, Map<RepositoryName, Revision> lowestRevisions) {
        this.certificates = Set.copyOf(certificates);
        this.lowestRevisions = Map.copyOf(lowestRevisions);
    }

    /**
     * Reads lines. Empty lines and those that start with {@code #} are comments. Other lines without a fingerprint or revision
     * are ignored too, as in the reference, but with a warning in the log: they may have been meant to revoke.
     */
    public static Blacklist parse(String text) {
        return EMPTY.with(text, "text");
    }

    /**
     * Reads files and joins what they revoke.
     *
     * @param files missing ones are ignored: most machines have none
     * @throws InvalidInputException if an existing file cannot be read or is longer than 1 MB
     */
    public static Blacklist read(Collection<Path> files) {
        Blacklist all = EMPTY;
        for (Path file : files) {
            all = Files.exists(file) ? all.with(TrustFile.read(file), file.toString()) : all;
        }
        return all;
    }

    private Blacklist with(String text, String origin) {
        Set<ContentHash> all = new HashSet<>(certificates);
        Map<RepositoryName, Revision> revisions = new HashMap<>(lowestRevisions);
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (!addRevision(lines[i], revisions) && !addCertificate(lines[i], all) && !isComment(lines[i])) {
                LOG.atWarn()
                        .setMessage("blacklist line ignored: neither a fingerprint nor <NAME REVISION")
                        .addKeyValue("file", origin)
                        .addKeyValue("line", i + 1)
                        .addKeyValue("text", Excerpt.of(lines[i]))
                        .log();
            }
        }
        return new Blacklist(all, revisions);
    }

    boolean revokesAny(Set<ContentHash> fingerprints) {
        return !Collections.disjoint(certificates, fingerprints);
    }

    /** Returns the lowest revision of this repository that is not revoked; empty if none is revoked. */
    Optional<Revision> lowestRevision(RepositoryName repository) {
        return Optional.ofNullable(lowestRevisions.get(repository));
    }

    private static boolean addRevision(String line, Map<RepositoryName, Revision> revisions) {
        Matcher matcher = REVISION_LINE.matcher(line);
        if (!matcher.matches()) {
            return false;
        }
        try {
            revisions.merge(new RepositoryName(matcher.group(1)), Revision.parse(matcher.group(2)), Blacklist::higher);
            return true;
        } catch (InvalidInputException e) {
            return false;
        }
    }

    private static Revision higher(Revision one, Revision other) {
        return one.isNewerThan(other) ? one : other;
    }

    private static boolean addCertificate(String line, Set<ContentHash> certificates) {
        Optional<ContentHash> fingerprint = SigningCertificate.fingerprint(line.strip());
        fingerprint.ifPresent(certificates::add);
        return fingerprint.isPresent();
    }

    private static boolean isComment(String line) {
        return line.isBlank() || line.startsWith("#");
    }
}
