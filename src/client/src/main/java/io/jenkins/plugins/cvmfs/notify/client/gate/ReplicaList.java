package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads lists of replicas as sites keep them: lines, or the setting {@code CVMFS_SERVER_URL} of a CernVM-FS client. */
public final class ReplicaList {

    private static final Pattern SETTING =
            Pattern.compile("(?:export\\s+|readonly\\s+)?CVMFS_SERVER_URL\\s*=\\s*(.*)", Pattern.CASE_INSENSITIVE);
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\".*|'([^']*)'.*");
    private static final Pattern NAMED = Pattern.compile("([^=:/\\s]+)\\s*=\\s*(\\S.*)");

    private ReplicaList() {}

    /**
     * Parses replicas separated by line breaks, {@code ;} or {@code |}. Each is a URL, which is then named after its host, or {@code
     * NAME=URL}; a line may be {@code CVMFS_SERVER_URL=…}, with or without quotes, and {@code #} begins a comment. {@code @fqrn@} in a
     * URL is the repository's name, {@code @org@} its first part.
     *
     * @return at most {@value Condition#MAX_REPLICAS}, with different names, in the order of the text; empty if the text has none
     * @throws InvalidInputException if a name or URL is invalid, one occurs twice, or there are too many; it names the line
     */
    public static List<Replica> parse(String text, RepositoryName repository) {
        Map<String, Replica> byName = new LinkedHashMap<>();
        List<String> locations = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            try {
                for (String item : items(lines.get(i))) {
                    Replica replica = replica(item, repository, byName);
                    if (locations.contains(replica.location())) {
                        throw new InvalidInputException("%s is named twice".formatted(replica.location()));
                    }
                    if (byName.putIfAbsent(replica.name(), replica) != null) {
                        throw new InvalidInputException("replica %s is named twice".formatted(replica));
                    }
                    if (byName.size() > Condition.MAX_REPLICAS) {
                        throw new InvalidInputException(
                                "there are more than %d replicas".formatted(Condition.MAX_REPLICAS));
                    }
                    locations.add(replica.location());
                }
            } catch (InvalidInputException e) {
                throw new InvalidInputException("line %d: %s".formatted(i + 1, e.getMessage()), e);
            }
        }
        return List.copyOf(byName.values());
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

    private static Replica replica(String item, RepositoryName repository, Map<String, Replica> byName) {
        Matcher named = NAMED.matcher(item);
        if (named.matches()) {
            return new Replica(named.group(1), withoutSlash(expand(named.group(2), repository)));
        }
        String url = withoutSlash(expand(item, repository));
        String host = host(url);
        String name = host;
        for (int i = 2; byName.containsKey(name); i++) {
            name = host + "-" + i;
        }
        return new Replica(name, url);
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
