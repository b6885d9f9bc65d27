package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For each repository with a held revision, the announcement that subscribers were told before: the log remembers only the newest. Kept in
 * the folder {@code released} of the state folder, one file each, so that new subscribers get it after a restart too; without a state
 * folder it is not kept. What is in a file: position and time of acceptance in milliseconds on the first line, then the message.
 *
 * <p>A crash of the machine may lose a file, so none is forced to the disk. {@link #take} and {@link #isKept} may be called by any thread,
 * the others, which block on the disk, by one at a time.
 */
final class ReleasedValues {

    private static final Logger LOG = LoggerFactory.getLogger(ReleasedValues.class);

    private static final int LONGEST_FIRST_LINE = 100;

    /** No repository is named like this. */
    private static final String UNFINISHED = ".new";

    private final Optional<Path> folder;
    private final ConcurrentMap<RepositoryName, LogPosition> kept = new ConcurrentHashMap<>();

    /** Those of the process before. */
    private final ConcurrentMap<RepositoryName, Announcement> earlier = new ConcurrentHashMap<>();

    private ReleasedValues(Optional<Path> folder) {
        this.folder = folder;
    }

    /** Reads what the process before has kept. A file that cannot be read is ignored, and logged. */
    static ReleasedValues in(Optional<Path> stateFolder) {
        ReleasedValues values = new ReleasedValues(stateFolder.map(state -> state.resolve("released")));
        values.folder.filter(Files::isDirectory).ifPresent(values::readAll);
        return values;
    }

    private void readAll(Path from) {
        try (Stream<Path> found = Files.list(from)) {
            List<Path> files = found.filter(
                            file -> !file.getFileName().toString().equals(UNFINISHED))
                    .toList();
            files.forEach(this::read);
        } catch (IOException e) {
            warn(from, "released values of before the restart cannot be read", e);
        }
    }

    private void read(Path file) {
        try {
            if (Files.size(file) > ActivityMessage.MAX_BYTES + LONGEST_FIRST_LINE) {
                throw new IOException("it is longer than a message");
            }
            Announcement value = parse(Files.readAllBytes(file));
            RepositoryName repository = value.message().repository();
            kept.put(repository, value.position());
            earlier.put(repository, value);
        } catch (IOException | MessageFormatException | NumberFormatException e) {
            warn(file, "released value of before the restart cannot be read; it is ignored", e);
        }
    }

    private static Announcement parse(byte[] file) throws IOException {
        String[] parts = new String(file, ISO_8859_1).split("[ \n]", 3);
        LogPosition position = LogPosition.parse(parts[0])
                .filter(it -> parts.length == 3)
                .orElseThrow(() -> new IOException("it is torn"));
        Instant announcedAt = Instant.ofEpochMilli(Long.parseLong(parts[1]));
        return new Announcement(ActivityMessage.parse(parts[2].getBytes(ISO_8859_1)), position, announcedAt);
    }

    /** Returns what the process before had told of a repository; empty if it is not known, or was taken already. */
    Optional<Announcement> take(RepositoryName repository) {
        return Optional.ofNullable(earlier.remove(repository));
    }

    boolean isKept(RepositoryName repository) {
        return kept.containsKey(repository);
    }

    /** Keeps this one in place of an earlier one of its repository. */
    void keep(Announcement told) {
        RepositoryName repository = told.message().repository();
        if (folder.isEmpty() || told.position().equals(kept.get(repository))) {
            return;
        }
        Path unfinished = folder.get().resolve(UNFINISHED);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("%s %d\n"
                .formatted(told.position(), told.announcedAt().toEpochMilli())
                .getBytes(US_ASCII));
        bytes.writeBytes(told.message().raw());
        try {
            Files.createDirectories(folder.get());
            Files.write(unfinished, bytes.toByteArray());
            Files.move(unfinished, folder.get().resolve(repository.value()), StandardCopyOption.ATOMIC_MOVE);
            kept.put(repository, told.position());
        } catch (IOException e) {
            warn(unfinished, "released value cannot be kept; after a restart new subscribers lack it for a while", e);
            drop(repository);
        }
    }

    /** Nothing is held of a repository any more. */
    void drop(RepositoryName repository) {
        earlier.remove(repository);
        if (folder.isPresent() && kept.remove(repository) != null) {
            Path file = folder.get().resolve(repository.value());
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                warn(file, "released value cannot be deleted", e);
            }
        }
    }

    private static void warn(Path file, String text, Exception cause) {
        LOG.atWarn().addKeyValue("file", file).setCause(cause).log(text);
    }
}
