package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.MountReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Mount;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader.MountedRevision;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import jenkins.security.MasterToSlaveCallable;
import org.jspecify.annotations.Nullable;

/**
 * Runs on an agent and reads what its own mount of a repository serves. It never blocks there for longer than {@link MountReader}
 * does, which has one thread for each mount and reads it at most once a second.
 *
 * <p>The answer is a few short texts, the first of them the version of their format: the agent may have been changed since.
 */
final class MountQuestion extends MasterToSlaveCallable<String[], RuntimeException> {

    private static final long serialVersionUID = 1L;

    private static final String FORMAT = "1";
    private static final String YES = "1";
    private static final int LONGEST_TEXT = 1000;
    /** Before the paths: format, problem, revision, root hash, repository. */
    private static final int FIXED = 5;

    private final String root;
    private final String[] paths;

    MountQuestion(String root, List<String> paths) {
        this.root = root;
        this.paths = paths.toArray(String[]::new);
    }

    /** The agent's reader, for as long as its connection stands: the next one loads this class again. */
    private static final class Here {

        private static final MountReader READER = MountReader.ofThisMachine();
        private static final Set<String> ENTERED = ConcurrentHashMap.newKeySet();

        private Here() {}
    }

    @Override
    public String[] call() {
        if (Here.ENTERED.add(root) && isBeingRead()) {
            Here.ENTERED.remove(root);
            return failed(
                    root
                            + ": a read of an earlier connection has not returned; its CernVM-FS client is stopped or overloaded");
        }
        return answer(Here.READER).join();
    }

    /** Returns true if a thread that an earlier connection of this process left is in the mount. */
    private boolean isBeingRead() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith(MountReader.THREAD_PREFIX + root + "-")
                        && thread.getState() == Thread.State.RUNNABLE);
    }

    /** Answers with this reader. The future does not fail. */
    CompletableFuture<String[]> answer(MountReader reader) {
        Mount mount = new Mount(Path.of(root), null);
        return reader.read(mount)
                .thenCompose(served -> {
                    CompletableFuture<List<String>> texts = CompletableFuture.completedFuture(new ArrayList<>(List.of(
                            FORMAT,
                            "",
                            served.revision().toString(),
                            Objects.toString(served.rootHash(), ""),
                            Objects.toString(served.repository(), ""))));
                    for (String path : paths) {
                        texts = texts.thenCompose(
                                known -> present(reader, mount, path).thenApply(present -> {
                                    known.add(present ? YES : "");
                                    return known;
                                }));
                    }
                    return texts.thenApply(all -> all.toArray(String[]::new));
                })
                .exceptionally(failure -> failed(problem(failure)));
    }

    /** A path that the agent's system cannot name is not there: a file of another name in the same answer may be. */
    private static CompletableFuture<Boolean> present(MountReader reader, Mount mount, String path) {
        try {
            return reader.pathPresent(new Mount(mount.root(), Path.of(path)));
        } catch (InvalidPathException e) {
            return CompletableFuture.completedFuture(false);
        }
    }

    private static String problem(Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        return cause instanceof NotifyException known ? known.getMessage() : cause.toString();
    }

    private static String[] failed(String problem) {
        return new String[] {FORMAT, problem.substring(0, Math.min(problem.length(), LONGEST_TEXT)), "", "", ""};
    }

    /**
     * The state of a mount.
     *
     * @param paths which of the paths exist
     */
    record Served(MountedRevision revision, Map<String, Boolean> paths) {}

    /**
     * Reads an answer, which may come from an agent that is not to be trusted.
     *
     * @throws TransientFailureException with what the agent found wrong, or if the answer is not one
     */
    Served read(String @Nullable [] answer) {
        if (answer == null || answer.length == 0 || !FORMAT.equals(answer[0])) {
            throw new TransientFailureException(
                    "its answer is not of format %s; restart the agent's process".formatted(FORMAT));
        }
        boolean isBounded = answer.length <= FIXED + paths.length
                && Stream.of(answer).allMatch(text -> text != null && text.length() <= LONGEST_TEXT);
        if (!isBounded || answer.length < FIXED) {
            throw new TransientFailureException("its answer is malformed; restart the agent's process");
        }
        if (!answer[1].isEmpty()) {
            throw new TransientFailureException(answer[1]);
        }
        try {
            Map<String, Boolean> present = new HashMap<>();
            for (int index = 0; index < paths.length; index++) {
                present.put(paths[index], FIXED + index < answer.length && answer[FIXED + index].equals(YES));
            }
            return new Served(
                    new MountedRevision(
                            Revision.parse(answer[2]),
                            answer[3].isEmpty() ? null : ContentHash.parse(answer[3]),
                            answer[4].isEmpty() ? null : new RepositoryName(answer[4])),
                    present);
        } catch (InvalidInputException e) {
            throw new TransientFailureException("its answer is malformed: " + e.getMessage(), e);
        }
    }
}
