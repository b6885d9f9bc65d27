package io.jenkins.plugins.cvmfs.notify.connection;

import hudson.model.Label;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The agents that a wait asks, and what it asks them: whether their own mount of a repository serves the revision, perhaps with a path.
 * Immutable. Builds save the names of this class and of its fields.
 */
public final class AgentSelection implements Serializable {

    /** Selects the agent that the pipeline runs on. */
    public static final String THIS = "this";

    private static final long serialVersionUID = 1L;

    private static final String MOUNTS = "/cvmfs";
    private static final int LONGEST_PATH = 1000;

    private final String name;
    private final boolean isLabel;
    private final String root;
    private final @Nullable String path;

    private AgentSelection(String name, boolean isLabel, RepositoryName repository, @Nullable String path) {
        this.name = name;
        this.isLabel = isLabel;
        this.root = elsewhere(MOUNTS + "/" + repository);
        this.path = path == null ? null : elsewhere(checked(path, repository));
    }

    /**
     * Selects the online agents with a label.
     *
     * @param expression as {@code agent { label '…' }} takes it; see {@link #requireLabel}
     * @param path a file or folder of the repository that must exist too; null for none
     * @throws InvalidInputException if the path is not one of the repository
     */
    public static AgentSelection withLabel(String expression, RepositoryName repository, @Nullable String path) {
        return new AgentSelection(expression, true, repository, path);
    }

    /**
     * Selects one agent.
     *
     * @param node its name; empty for the built-in node
     * @param path as in {@link #withLabel}
     * @throws InvalidInputException if the path is not one of the repository
     */
    public static AgentSelection named(String node, RepositoryName repository, @Nullable String path) {
        return new AgentSelection(node, false, repository, path);
    }

    /**
     * Checks a label expression.
     *
     * @throws InvalidInputException if it is malformed
     */
    public static void requireLabel(String expression) {
        try {
            var unused = Label.parseExpression(expression);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    "agents is '%s', must be 'this' or a label expression such as 'linux && cvmfs'"
                            .formatted(Excerpt.of(expression)),
                    e);
        }
    }

    private static String checked(String path, RepositoryName repository) {
        String inside = MOUNTS + "/" + repository;
        String trimmed = path.replaceAll("/+$", "");
        boolean isInside = trimmed.equals(inside) || trimmed.startsWith(inside + "/");
        if (!isInside
                || trimmed.length() > LONGEST_PATH
                || trimmed.matches(".*/\\.\\.?(/.*)?")
                || trimmed.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidInputException(
                    "path is '%s', must begin with %s/, be without '..', and have at most %d characters"
                            .formatted(Excerpt.of(path), inside, LONGEST_PATH));
        }
        return trimmed;
    }

    /** Agents may have their mounts in another folder, which an administrator names to this Jenkins. */
    private static String elsewhere(String path) {
        return System.getProperty("io.jenkins.plugins.cvmfs.notify.mounts", MOUNTS) + path.substring(MOUNTS.length());
    }

    /** The label expression, or the agent's name. */
    String name() {
        return name;
    }

    boolean isLabel() {
        return isLabel;
    }

    /** The path of the mount. */
    String root() {
        return root;
    }

    /** The path that must exist there; null if the mount is enough. */
    @Nullable
    String path() {
        return path;
    }

    /** Returns what the agents have in common, such as {@code online with label 'cvmfs-client'}. */
    public String text() {
        return isLabel ? "online with label '%s'".formatted(name) : "online with name '%s'".formatted(nodeName(name));
    }

    /** Returns how Jenkins calls a node. */
    static String nodeName(String node) {
        return node.isEmpty() ? "built-in" : node;
    }
}
