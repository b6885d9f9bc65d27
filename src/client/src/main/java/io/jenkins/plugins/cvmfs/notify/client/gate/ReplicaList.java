package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads lists of replicas as sites keep them: lines, or the setting {@code CVMFS_SERVER_URL} of a CernVM-FS client. */
public final class ReplicaList {

    private static final Pattern SETTING =
            Pattern.compile("(?:export\\s+|readonly\\s+)?CVMFS_SERVER_URL\\s*=\\s*(.*)", Pattern.CASE_INSENSITIVE);
    private static final Pattern OTHER_SETTING = Pattern.compile("(?:export\\s+|readonly\\s+)?CVMFS_[A-Z0-9_]+\\s*=.*");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\".*|'([^']*)'.*");
    private static final Pattern NAMED = Pattern.compile("([^=:/\\s]+)(?:\\s*=\\s*|\\s+(?=https?://))(\\S.*)");
    private static final Pattern CACHED = Pattern.compile("(https?://\\S+)\\s+(?:through\\s+)?(https?://\\S+)");
    /** Takes the place of a name that is not known. */
    private static final RepositoryName ANY = new RepositoryName("any.invalid");

    private ReplicaList() {}

    /**
     * The outcome of reading a text to its end.
     *
     * @param replicas with different names, in the order of the text
     * @param problems by line; none if all of the text was taken
     */
    public record Reading(List<Replica> replicas, List<Problem> problems) {

        /** Copies the lists. */
        public Reading {
            replicas = List.copyOf(replicas);
            problems = List.copyOf(problems);
        }
    }

    /**
     * A replica that was not taken.
     *
     * @param line its line in the text, from 1 on
     * @param item the text of it
     * @param message one sentence for the user
     * @param isRepeated true if nothing else is wrong with it than that there is one with the same location
     */
    public record Problem(int line, String item, String message, boolean isRepeated) {

        @Override
        public String toString() {
            return "line %d: %s".formatted(line, message);
        }
    }

    /**
     * Parses replicas separated by line breaks, {@code ;} or {@code |}. Each is a URL, which is then named after its host, or {@code
     * NAME=URL} or {@code NAME URL}, perhaps followed by the URL of the HTTP cache to read it through, with or without the word {@code
     * through}; a line may be {@code CVMFS_SERVER_URL=…}, with or without quotes; other settings of a client are skipped, and {@code #}
     * begins a comment. {@code @fqrn@} in a
     * URL is the repository's name, {@code @org@} its first part.
     *
     * @return at most {@value Condition#MAX_REPLICAS}, with different names, in the order of the text; empty if the text has none
     * @throws InvalidInputException if a name or URL is invalid, one occurs twice, or there are too many; it names the line
     */
    public static List<Replica> parse(String text, RepositoryName repository) {
        Reading reading = read(text, repository, List.of(), replica -> {});
        if (!reading.problems().isEmpty()) {
            throw new InvalidInputException(reading.problems().get(0).toString());
        }
        return reading.replicas();
    }

    /**
     * Parses the same, and goes on after what is wrong.
     *
     * @param repository null if it is not known yet: then a text with {@code @fqrn@} or {@code @org@} is wrong
     * @param present replicas that are there already: their names and locations are taken
     * @param check throws {@link InvalidInputException} for a replica that is not to be taken
     */
    public static Reading read(
            String text, @Nullable RepositoryName repository, List<Replica> present, Consumer<Replica> check) {
        Set<String> names = new HashSet<>();
        Set<String> locations = new HashSet<>();
        for (Replica replica : present) {
            names.add(replica.name());
            locations.add(withoutSlash(replica.location()));
        }
        List<Replica> replicas = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int line = 1; line <= lines.size(); line++) {
            for (String item : items(lines.get(line - 1))) {
                try {
                    Replica replica = replica(item, repository, names);
                    check.accept(replica);
                    if (!locations.add(replica.location())) {
                        problems.add(new Problem(line, item, replica.location() + " is named twice", true));
                    } else if (!names.add(replica.name())) {
                        throw new InvalidInputException("replica %s is named twice".formatted(replica));
                    } else if (replicas.size() == Condition.MAX_REPLICAS) {
                        throw new InvalidInputException(
                                "there are more than %d replicas".formatted(Condition.MAX_REPLICAS));
                    } else {
                        replicas.add(replica);
                    }
                } catch (InvalidInputException e) {
                    problems.add(new Problem(line, item, e.getMessage(), false));
                }
            }
        }
        return new Reading(replicas, problems);
    }

    /** Returns a URL of a client's configuration with the repository's name in place of {@code @fqrn@}, and its first part of {@code @org@}. */
    public static String expand(String url, RepositoryName repository) {
        String name = repository.value();
        return url.replace("@fqrn@", name).replace("@org@", name.split("\\.", 2)[0]);
    }

    private static List<String> items(String line) {
        String content = line.replaceFirst("(^|\\s)#.*", "").strip();
        Matcher setting = SETTING.matcher(content);
        if (setting.matches()) {
            content = setting.group(1);
        } else if (OTHER_SETTING.matcher(content).matches()) {
            return List.of();
        }
        Matcher quoted = QUOTED.matcher(content);
        if (quoted.matches()) {
            content = quoted.group(1) == null ? quoted.group(2) : quoted.group(1);
        }
        return Pattern.compile("[;|]")
                .splitAsStream(content)
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private static Replica replica(String item, @Nullable RepositoryName repository, Set<String> names) {
        Matcher named = NAMED.matcher(item);
        boolean hasName = named.matches();
        String place = hasName ? named.group(2) : item;
        if (repository != null) {
            place = expand(place, repository);
        } else if (!place.equals(expand(place, ANY))) {
            throw new InvalidInputException("@fqrn@ and @org@ stand for the repository's name: give that first");
        }
        Matcher cached = CACHED.matcher(place);
        String url = withoutSlash(cached.matches() ? cached.group(1) : place);
        String location = cached.matches() ? url + " through " + withoutSlash(cached.group(2)) : url;
        if (hasName) {
            return new Replica(named.group(1), location);
        }
        String host = host(url);
        String name = host;
        for (int i = 2; names.contains(name); i++) {
            name = host + "-" + i;
        }
        return new Replica(name, location);
    }

    private static String withoutSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private static String host(String url) {
        try {
            URI uri = new URI(url);
            String scheme = uri.getScheme();
            if (("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme)) && uri.getHost() != null) {
                String host = uri.getHost().toLowerCase(Locale.ROOT);
                return uri.getPort() < 0 ? host : host + ":" + uri.getPort();
            }
        } catch (URISyntaxException notAUrl) {
            // Reported below.
        }
        throw new InvalidInputException("'%s' is neither an http or https URL nor NAME=URL".formatted(Excerpt.of(url)));
    }
}
