package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaList;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The places where {@code wait} reads a repository, besides those of {@code --replica}. */
final class PlaceOptions {

    private static final int MAX_LIST_BYTES = 100_000;
    private static final Duration LIST_TIMEOUT = Duration.ofSeconds(10);

    @Option(
            names = "--replicas-from",
            paramLabel = "FILE|URL",
            description = {
                "Also check the replicas listed there: lines with a URL or NAME=URL, or CVMFS_SERVER_URL of a client's"
                        + " configuration; @fqrn@ is the repository's name, # begins a comment. Repeatable."
            })
    private List<String> lists = new ArrayList<>();

    @Option(
            names = "--mount",
            paramLabel = "PATH",
            description = {
                "A folder where this machine has mounted the repository, such as /cvmfs/software.example.org: it counts as one"
                        + " more replica. Repeatable."
            })
    private List<Path> mounts = new ArrayList<>();

    @Option(
            names = "--path",
            paramLabel = "PATH",
            description = {"With --mount: a file or folder of the repository that must exist there too."})
    private @Nullable Path path;

    @Option(
            names = "--through",
            paramLabel = "URL",
            description = {
                "Read the replicas through this HTTP cache, such as http://squid.example.org:3128, at every address of its name, as"
                        + " the clients behind it do; it then has what they serve."
            })
    private @Nullable HttpCache through;

    @Option(
            names = "--addresses",
            paramLabel = "WHICH",
            description = {
                "one: read a replica at any address of its host name. all: at every one, without an HTTP proxy; it has the revision"
                        + " when all do. Default: one."
            })
    private Addresses addresses = Addresses.ONE;

    /** The addresses of a replica's host name that are read. */
    enum Addresses {
        ONE,
        ALL;

        /** Returns the word on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Returns the replicas, read as these options say, and the mounts.
     *
     * @throws InvalidInputException if there are none, or the options do not fit together
     */
    List<Replica> of(RepositoryName repository, List<Replica> named) {
        List<Replica> replicas = new ArrayList<>(named);
        lists.forEach(list -> replicas.addAll(listed(list, repository)));
        if (through != null && addresses == Addresses.ALL) {
            throw new InvalidInputException(
                    "--through reads at every address of the cache, which chooses the replica's: leave --addresses out");
        }
        if (path != null && mounts.isEmpty()) {
            throw new InvalidInputException("--path is a path of a mounted repository: give --mount too");
        }
        if (replicas.isEmpty() && mounts.isEmpty()) {
            throw new InvalidInputException(
                    "name what must have the revision: --replica NAME=URL, --replicas-from FILE or --mount PATH");
        }
        List<Replica> all = new ArrayList<>();
        replicas.forEach(replica -> all.add(placed(replica)));
        for (Path mount : mounts) {
            RepositoryLocation.Mount location = new RepositoryLocation.Mount(mount, path);
            all.add(new Replica(location.root().toString(), location.toString()));
        }
        return all;
    }

    private static List<Replica> listed(String list, RepositoryName repository) {
        try {
            List<Replica> replicas =
                    ReplicaList.parse(list.matches("(?i)https?:.*") ? download(list) : read(list), repository);
            if (replicas.isEmpty()) {
                throw new InvalidInputException("it lists no replica");
            }
            return replicas;
        } catch (IOException e) {
            throw new InvalidInputException("--replicas-from %s: %s".formatted(list, FileProblem.reason(e)), e);
        } catch (InvalidInputException e) {
            throw new InvalidInputException("--replicas-from %s: %s".formatted(list, e.getMessage()), e);
        }
    }

    private static String read(String file) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return text(in);
        } catch (InvalidPathException e) {
            throw new InvalidInputException("it is not a path of this system", e);
        }
    }

    private static String download(String url) throws IOException {
        HttpClient client = HttpClient.newBuilder().connectTimeout(LIST_TIMEOUT).build();
        try {
            return client.sendAsync(
                            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofInputStream())
                    .thenApplyAsync(PlaceOptions::content)
                    .get(LIST_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("it is not a URL", e);
        } catch (TimeoutException e) {
            throw new InvalidInputException("no complete answer within %d s".formatted(LIST_TIMEOUT.toSeconds()), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InvalidInputException invalid) {
                throw invalid;
            }
            throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InvalidInputException("interrupted", e);
        }
    }

    private static String content(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new InvalidInputException("the server answers " + response.statusCode());
            }
            return text(body);
        } catch (IOException e) {
            throw new InvalidInputException("the answer cannot be read: " + FileProblem.reason(e), e);
        }
    }

    private static String text(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAX_LIST_BYTES + 1);
        if (bytes.length > MAX_LIST_BYTES) {
            throw new InvalidInputException("it has more than %d bytes".formatted(MAX_LIST_BYTES));
        }
        return new String(bytes, UTF_8);
    }

    private Replica placed(Replica replica) {
        if (through == null && addresses == Addresses.ONE) {
            return replica;
        }
        if (!(RepositoryLocation.parse(replica.location()) instanceof RepositoryLocation.Web web)) {
            throw new InvalidInputException(
                    "replica %s is not a URL: --through and --addresses read web servers".formatted(replica));
        }
        return new Replica(replica.name(), new RepositoryLocation.EachAddress(web, through).toString());
    }
}
