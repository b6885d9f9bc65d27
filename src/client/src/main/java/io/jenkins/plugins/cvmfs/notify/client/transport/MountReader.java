package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Mount;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader.MountedRevision;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads what CernVM-FS clients of this machine serve, from the attributes {@code user.revision} and {@code user.root_hash} of a mounted
 * repository, else from the client's socket.
 *
 * <p>A client that is stopped blocks a read in native code, where no interrupt reaches it. So each mount has one daemon thread, which
 * ends when idle; a read has a time limit, and while it has not returned no other is begun. Reads of one mount begin at least a second
 * apart: a client 2.12 that was read every 2 ms during announcements crashed.
 */
public final class MountReader implements AutoCloseable {

    /** Precedes the path of a mount in the names of its threads. */
    public static final String THREAD_PREFIX = Network.THREAD_PREFIX + "mount-";

    /** The longest time for one answer. What automount mounts meanwhile is read the next time. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(10);

    private static final Duration BETWEEN_READS = Duration.ofSeconds(1);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final int MOST_WAITING = 16;

    /** Reads mounts, and blocks as long as their clients do. */
    interface Source {

        /** Reads what the mount serves. */
        MountedRevision read(Path root) throws IOException;

        /** Returns true if the path is there. */
        boolean exists(Path path);
    }

    private final Source source;
    private final Timer timer;
    private final Map<Path, Visitor> visitors = new HashMap<>();
    /** Each cancels what has not returned yet. */
    private final Set<Runnable> open = ConcurrentHashMap.newKeySet();

    private volatile boolean isClosed;

    MountReader(Source source, Timer timer) {
        this.source = source;
        this.timer = timer;
    }

    /** Makes a reader of this machine's mounts, for a process without a {@link Network}. One is enough; it needs no closing there. */
    public static MountReader ofThisMachine() {
        return new MountReader(new SystemSource(), new Timer.SystemTimer());
    }

    /** Reads the mount; fails with a {@link NotifyException} that tells what is wrong with it. */
    public CompletableFuture<MountedRevision> read(Mount mount) {
        return visit(mount.root(), true, () -> source.read(mount.root()));
    }

    /** Looks for the mount's path. */
    public CompletableFuture<Boolean> pathPresent(Mount mount) {
        Path path = mount.path();
        return path == null
                ? CompletableFuture.completedFuture(true)
                : visit(mount.root(), false, () -> source.exists(path));
    }

    private <T> CompletableFuture<T> visit(Path root, boolean isRead, Callable<T> visit) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Timer.Alarm limit = timer.after(
                TIME_LIMIT,
                () -> result.completeExceptionally(new TransientFailureException(
                        "%s: no answer within %d s; its CernVM-FS client is stopped or overloaded"
                                .formatted(root, TIME_LIMIT.toSeconds()))));
        Runnable cancel = () -> result.cancel(true);
        open.add(cancel);
        var unused = result.whenComplete((value, failure) -> {
            limit.cancel();
            open.remove(cancel);
        });
        synchronized (visitors) {
            visitors.computeIfAbsent(root, Visitor::new).submit(isRead, visit, result);
        }
        if (isClosed) {
            result.cancel(true);
        }
        return result;
    }

    /** Returns the number of mounts that are known, because they were read lately. */
    int mounts() {
        synchronized (visitors) {
            return visitors.size();
        }
    }

    /** Cancels what has not returned. A thread in a stopped client's read ends when that does. */
    @Override
    public void close() {
        isClosed = true;
        open.forEach(Runnable::run);
        synchronized (visitors) {
            visitors.values().forEach(visitor -> visitor.thread.shutdownNow());
        }
    }

    /** The one thread that enters a mount. All state is guarded by {@code visitors}. */
    private final class Visitor {

        private final Path root;
        private final ThreadPoolExecutor thread;
        private @Nullable Duration lastRead;
        private @Nullable Duration enteredAt;
        private int unfinished;

        Visitor(Path root) {
            this.root = root;
            this.thread = DaemonThreads.pool(1, MOST_WAITING, DaemonThreads.numbered(THREAD_PREFIX + root));
        }

        <T> void submit(boolean isRead, Callable<T> visit, CompletableFuture<T> result) {
            Duration now = timer.uptime();
            if (enteredAt != null && now.minus(enteredAt).compareTo(TIME_LIMIT) >= 0) {
                result.completeExceptionally(new TransientFailureException(
                        root + ": an earlier read has not returned; its CernVM-FS client is stopped or overloaded"));
                return;
            }
            Duration earliest = isRead && lastRead != null ? lastRead.plus(BETWEEN_READS) : now;
            Duration begin = earliest.compareTo(now) > 0 ? earliest : now;
            if (isRead) {
                lastRead = begin;
            }
            unfinished++;
            if (begin.equals(now)) {
                execute(visit, result);
            } else {
                Timer.Alarm unused = timer.after(begin.minus(now), () -> {
                    synchronized (visitors) {
                        execute(visit, result);
                    }
                });
            }
        }

        private <T> void execute(Callable<T> visit, CompletableFuture<T> result) {
            try {
                thread.execute(() -> enter(visit, result));
            } catch (RejectedExecutionException e) {
                finished();
                result.completeExceptionally(new TransientFailureException(
                        "%s: %d reads are waiting already".formatted(root, MOST_WAITING), e));
            }
        }

        private <T> void enter(Callable<T> visit, CompletableFuture<T> result) {
            if (!result.isDone()) {
                enteredAt(timer.uptime());
                try {
                    result.complete(visit.call());
                } catch (Exception | Error e) {
                    result.completeExceptionally(
                            e instanceof IOException failure
                                    ? new TransientFailureException(root + ": " + FileProblem.reason(failure), failure)
                                    : e);
                } finally {
                    enteredAt(null);
                }
            }
            synchronized (visitors) {
                finished();
            }
        }

        private void enteredAt(@Nullable Duration now) {
            synchronized (visitors) {
                enteredAt = now;
            }
        }

        /** Forgets the mount a while after its last visit, unless there was another. */
        private void finished() {
            unfinished--;
            Timer.Alarm unused = timer.after(IDLE, () -> {
                synchronized (visitors) {
                    Duration read = lastRead;
                    if (unfinished == 0
                            && (read == null
                                    || !timer.uptime().minus(read).minus(IDLE).isNegative())) {
                        visitors.remove(root, this);
                        thread.shutdown();
                    }
                }
            });
        }
    }

    /** Reads the attributes of the real file system. */
    static final class SystemSource implements Source {

        /** Where clients with and without a shared cache have their sockets, as CernVM-FS comes. */
        private static final Path CACHES = Path.of("/var/lib/cvmfs");

        private static final Path MOUNTS = Path.of("/proc/self/mounts");
        private static final int LONGEST_VALUE = 1024;

        private final Path caches;
        private final Path mounts;

        SystemSource() {
            this(CACHES, MOUNTS);
        }

        /** @param mounts a file as {@code /proc/self/mounts} */
        SystemSource(Path caches, Path mounts) {
            this.caches = caches;
            this.mounts = mounts;
        }

        @Override
        public MountedRevision read(Path root) throws IOException {
            UserDefinedFileAttributeView attributes =
                    Files.getFileAttributeView(root, UserDefinedFileAttributeView.class);
            if (attributes == null) {
                throw new PermanentFailureException(root + ": this system has no extended attributes");
            }
            String revision;
            try {
                // Opens the folder, which mounts what automount would mount, and lets a client use what it was told of.
                revision = value(attributes, "revision");
            } catch (IOException e) {
                return new MountedRevision(revision(root, bySocket(root, attributes, e)), null, fqrn(attributes));
            }
            return new MountedRevision(
                    revision(root, revision), told(attributes, "root_hash", ContentHash::parse), fqrn(attributes));
        }

        /** Returns the value of an attribute; null if it is not shown, or is something else. */
        private static <T> @Nullable T told(
                UserDefinedFileAttributeView attributes, String name, Function<String, T> reader) {
            try {
                return reader.apply(value(attributes, name));
            } catch (IOException | InvalidInputException notTold) {
                return null;
            }
        }

        private static @Nullable RepositoryName fqrn(UserDefinedFileAttributeView attributes) {
            return told(attributes, "fqrn", RepositoryName::new);
        }

        private static String value(UserDefinedFileAttributeView attributes, String name) throws IOException {
            ByteBuffer value = ByteBuffer.allocate(LONGEST_VALUE);
            attributes.read(name, value);
            return UTF_8.decode(value.flip()).toString().strip();
        }

        private static Revision revision(Path root, String text) {
            try {
                return Revision.parse(text);
            } catch (InvalidInputException e) {
                throw new InvalidInputException(
                        "%s: its revision is '%s'; is it a CernVM-FS repository?".formatted(root, Excerpt.of(text)), e);
            }
        }

        /** Returns the revision from the client's socket, if there is a client. */
        private String bySocket(Path root, UserDefinedFileAttributeView attributes, IOException failure) {
            RepositoryName fqrn = fqrn(attributes);
            if (fqrn == null) {
                requireClient(root, failure);
            }
            String hidden = root + ": its client does not show user.revision, and ";
            String name = fqrn == null ? String.valueOf(root.getFileName()) : fqrn.value();
            NotifyException refused = new RefusedException(
                    "%sno socket is in %s; leave the attribute out of CVMFS_XATTR_PROTECTED_XATTRS"
                            .formatted(hidden, caches),
                    failure);
            for (Path folder : List.of(caches.resolve("shared"), caches.resolve(name))) {
                Path socket = folder.resolve("cvmfs_io." + name);
                // A folder that this user may not search has the socket or not.
                if (!Files.notExists(socket)) {
                    try {
                        return ask(socket);
                    } catch (IOException e) {
                        refused = new RefusedException(
                                "%sits socket %s cannot be used (%s); let this user into the client's group, or leave the attribute out of CVMFS_XATTR_PROTECTED_XATTRS"
                                        .formatted(hidden, socket, FileProblem.reason(e)),
                                e);
                    }
                }
            }
            throw refused;
        }

        private static String ask(Path socket) throws IOException {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                channel.write(ByteBuffer.wrap("revision".getBytes(UTF_8)));
                ByteBuffer answer = ByteBuffer.allocate(LONGEST_VALUE);
                while (answer.hasRemaining() && channel.read(answer) >= 0) {
                    // until the client ends the connection
                }
                return UTF_8.decode(answer.flip()).toString().strip();
            }
        }

        /** Throws what is wrong with the mount, unless a client serves it. */
        private void requireClient(Path root, IOException failure) {
            if (failure instanceof NoSuchFileException) {
                throw new TransientFailureException(
                        root + ": not mounted: there is no such folder, and automount does not make it", failure);
            }
            if (failure instanceof AccessDeniedException) {
                throw new RefusedException(root + ": permission denied", failure);
            }
            if (String.valueOf(failure.getMessage()).contains("Transport endpoint is not connected")) {
                throw new TransientFailureException(
                        "%s: its CernVM-FS client was killed or crashed (%s); unmount it with 'umount -l %s' and mount it again"
                                .formatted(root, "Transport endpoint is not connected", root),
                        failure);
            }
            String device = device(root)
                    .orElseThrow(() -> new TransientFailureException(
                            root + ": not mounted: the folder is there, and no CernVM-FS client serves it", failure));
            if (!device.startsWith("cvmfs")) {
                throw new TransientFailureException(
                        "%s: not a CernVM-FS repository: %s is mounted there".formatted(root, Excerpt.of(device)),
                        failure);
            }
        }

        /** Returns what is mounted at this very folder, without entering it. */
        private Optional<String> device(Path root) {
            try {
                return Files.readAllLines(mounts).stream()
                        .map(line -> line.split(" "))
                        .filter(fields -> fields.length > 2 && fields[1].equals(root.toString()))
                        .filter(fields -> !fields[2].equals("autofs"))
                        .map(fields -> fields[0])
                        .reduce((first, last) -> last);
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        @Override
        public boolean exists(Path path) {
            return Files.exists(path);
        }
    }
}
