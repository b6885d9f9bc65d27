package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For one webhook and each repository, the last message that was delivered or given up. Compared with the last values that the log delivers
 * at a start, it shows what is owed. Also what the id of a message follows from: an announcement of a revision that is not higher than
 * those before is a rollback, and has an id of its own. Kept in the file {@code webhooks/NAME} of the state folder, without one in memory
 * only. The first line has the time from which on announcements are owed; the others have a repository, its highest revision, the id of its
 * newest manifest, that of the message on it, and that of the last one that was settled, or a hyphen.
 *
 * <p>A kill of the process loses nothing; a crash of the machine may lose the last lines, whose messages are then sent again. For one
 * thread; blocks on the disk.
 */
final class SettledMessages {

    private static final Logger LOG = LoggerFactory.getLogger(SettledMessages.class);

    /** The clocks of proxies may differ by so much. */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(1);

    private static final String SINCE = "since ";

    private static final String NOTHING = "-";
    private static final int FIELDS = 5;

    /** Lines beyond twice the number of repositories, at which the file is written anew. */
    private static final int SUPERFLUOUS = 100;

    private final @Nullable Path file;
    private final Map<RepositoryName, Known> known = new HashMap<>();
    private Instant since;
    private int lines;
    private boolean isFailing;

    /**
     * The state of a repository.
     *
     * @param highest its highest revision
     * @param manifest the id that the message on its newest manifest has unless that is a rollback
     * @param id the one that it has
     * @param settled of the last message that was settled; a hyphen for none
     */
    private record Known(Revision highest, String manifest, String id, String settled) {

        Known settledWith(String message) {
            return new Known(highest, manifest, id, message);
        }

        @Override
        public String toString() {
            return String.join(" ", highest.toString(), manifest, id, settled);
        }
    }

    private SettledMessages(@Nullable Path file, Instant since) {
        this.file = file;
        this.since = since;
    }

    /**
     * Reads what the process before has kept, or begins: then only announcements from now on are owed.
     *
     * @param stateFolder empty to keep nothing
     */
    static SettledMessages open(Optional<Path> stateFolder, String webhook, Instant now) {
        Path file = stateFolder.map(folder -> folder(folder).resolve(webhook)).orElse(null);
        SettledMessages settled = new SettledMessages(file, now.minus(CLOCK_DIFFERENCE));
        if (file != null && !settled.read(file)) {
            settled.rewrite();
        }
        return settled;
    }

    /** Forgets the webhooks that are not configured any more: one that is added anew later is told of nothing that was announced meanwhile. */
    static void deleteOthers(Optional<Path> stateFolder, Collection<String> webhooks) {
        Path folder = stateFolder.map(SettledMessages::folder).orElse(null);
        if (folder == null || !Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!webhooks.contains(file.getFileName().toString())) {
                    delete(file);
                }
            }
        } catch (IOException e) {
            warn(folder, e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            warn(file, e);
        }
    }

    private static Path folder(Path stateFolder) {
        return stateFolder.resolve("webhooks");
    }

    private boolean read(Path from) {
        try {
            String text = Files.readString(from, US_ASCII);
            // A line without its line break is torn.
            for (String line :
                    text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                parse(line);
                lines++;
            }
            return text.endsWith("\n");
        } catch (NoSuchFileException first) {
            return false;
        } catch (IOException | DateTimeParseException | InvalidInputException e) {
            LOG.atWarn()
                    .addKeyValue("file", from)
                    .setCause(e)
                    .log("messages of a webhook cannot be read; all last values that are not known as delivered are"
                            + " sent");
            since = Instant.EPOCH;
            return false;
        }
    }

    private void parse(String line) {
        if (line.startsWith(SINCE)) {
            since = Instant.parse(line.substring(SINCE.length()));
        } else {
            String[] entry = line.split(" ", -1);
            if (entry.length != FIELDS) {
                throw new InvalidInputException("a line has %d fields instead of %d".formatted(entry.length, FIELDS));
            }
            known.put(new RepositoryName(entry[0]), new Known(Revision.parse(entry[1]), entry[2], entry[3], entry[4]));
        }
    }

    /**
     * Notes the newest announcement of a repository. One that repeats the one before changes nothing.
     *
     * @param manifest the id of the message on its manifest
     * @param rollback the id instead, if it is a rollback
     * @return the id that the message has
     */
    String announced(Announcement announcement, String manifest, String rollback) {
        RepositoryName repository = announcement.message().repository();
        Revision revision = announcement.message().revision();
        Known before = known.get(repository);
        if (before != null && before.manifest().equals(manifest)) {
            return before.id();
        }
        if (before == null) {
            keep(repository, new Known(revision, manifest, manifest, NOTHING));
            return manifest;
        }
        boolean isHighest = revision.isNewerThan(before.highest());
        String id = isHighest ? manifest : rollback;
        keep(repository, new Known(isHighest ? revision : before.highest(), manifest, id, before.settled()));
        return id;
    }

    /** Returns true if the message on this last value was neither delivered nor given up. */
    boolean isOwed(Announcement announcement, String id) {
        Known last = known.get(announcement.message().repository());
        if (last == null || last.settled().equals(NOTHING)) {
            return !announcement.announcedAt().isBefore(since);
        }
        return !last.settled().equals(id);
    }

    /** Notes that a message was delivered, or given up. Its repository was announced. */
    void settle(RepositoryName repository, String id) {
        Known before = known.get(repository);
        if (before != null) {
            keep(repository, before.settledWith(id));
        }
    }

    private void keep(RepositoryName repository, Known now) {
        known.put(repository, now);
        lines++;
        if (lines > 2 * known.size() + SUPERFLUOUS) {
            rewrite();
        } else {
            append(line(repository, now));
        }
    }

    /** The repository was forgotten, so that its next announcement is news whatever it is. */
    void forget(RepositoryName repository) {
        if (known.remove(repository) != null) {
            rewrite();
        }
    }

    private static String line(RepositoryName repository, Known now) {
        return repository + " " + now + "\n";
    }

    private void append(String line) {
        if (file == null) {
            return;
        }
        try {
            Files.writeString(file, line, US_ASCII, CREATE, APPEND);
            isFailing = false;
        } catch (IOException e) {
            failed(file, e);
        }
    }

    private void rewrite() {
        if (file == null) {
            return;
        }
        StringBuilder text = new StringBuilder(SINCE).append(since).append('\n');
        known.forEach((repository, now) -> text.append(line(repository, now)));
        // No webhook has such a name.
        Path unfinished = file.resolveSibling(".new");
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(unfinished, text, US_ASCII);
            try (FileChannel channel = FileChannel.open(unfinished, WRITE)) {
                channel.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            lines = known.size() + 1;
            isFailing = false;
        } catch (IOException e) {
            failed(file, e);
        }
    }

    private void failed(Path where, IOException cause) {
        if (!isFailing) {
            warn(where, cause);
        }
        isFailing = true;
    }

    private static void warn(Path file, IOException cause) {
        LOG.atWarn()
                .addKeyValue("file", file)
                .addKeyValue("reason", FileProblem.reason(cause))
                .log("messages of a webhook cannot be kept; after a restart some may be sent twice");
    }
}
