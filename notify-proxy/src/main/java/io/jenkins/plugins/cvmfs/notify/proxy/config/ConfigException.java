package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The configuration cannot be used. Holds everything that is wrong with it, not only the first fault. */
public final class ConfigException extends InvalidInputException {

    private static final long serialVersionUID = 1L;

    /**
     * One thing that is wrong with the configuration.
     *
     * @param path which key, such as {@code amqp.port}; empty if the file as a whole is meant
     * @param message what is wrong with it, beginning with the value if there is one
     * @param origin where to correct it
     */
    public record ConfigProblem(String path, String message, Origin origin) {

        @Override
        public String toString() {
            return (path.isEmpty() ? "" : path + ": ") + message + " (" + origin + ")";
        }
    }

    private final transient List<ConfigProblem> problems;

    ConfigException(List<ConfigProblem> problems) {
        super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** Returns the problems in the order of the sources and, within the file, of the lines; never empty. */
    public List<ConfigProblem> problems() {
        return problems;
    }

    /** @throws ConfigException with the problems, if there are any */
    static void requireNone(List<ConfigProblem> problems) {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    /** Returns what an action makes; if it fails, adds to the problems what it finds wrong with the key {@code path}, and returns empty. */
    static <T> Optional<T> collect(List<ConfigProblem> problems, String path, Origin origin, Supplier<T> action) {
        try {
            return Optional.of(action.get());
        } catch (ConfigException e) {
            e.problems.forEach(
                    inner -> problems.add(new ConfigProblem(path + inner.path(), inner.message(), inner.origin())));
        } catch (InvalidInputException e) {
            problems.add(new ConfigProblem(path, String.valueOf(e.getMessage()), origin));
        }
        return Optional.empty();
    }
}
