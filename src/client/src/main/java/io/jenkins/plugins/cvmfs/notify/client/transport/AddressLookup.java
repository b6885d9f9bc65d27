package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** Finds every address of a host name: its A and AAAA records, or the hosts file. */
final class AddressLookup {

    /** The most addresses of one name; more are a mistake. */
    static final int MOST_ADDRESSES = 32;

    /** A source of addresses. */
    @FunctionalInterface
    interface Source {

        /** Returns all addresses, and blocks until they are known. */
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private final Source source;
    private final Executor threads;
    private final Retrier retrier;
    private final BackOff noPause = new BackOff(Duration.ZERO, Duration.ZERO, () -> 0);

    /** @param threads may block, because a name server may not answer; may reject tasks */
    AddressLookup(Source source, Executor threads, Retrier retrier) {
        this.source = source;
        this.threads = threads;
        this.retrier = retrier;
    }

    /** Returns the addresses, each once; fails if there are none or more than {@value #MOST_ADDRESSES}, or after the time limit. */
    CompletableFuture<List<InetAddress>> all(String host, Duration timeLimit) {
        return retrier.run(
                host,
                new Retrier.Policy(1, timeLimit, timeLimit, noPause),
                PublisherSettings.RetryListener.NONE,
                number -> Futures.call(
                        threads,
                        host + ": too many names are being looked up; does the name server answer?",
                        () -> lookUp(host)));
    }

    private List<InetAddress> lookUp(String host) throws UnknownHostException {
        List<InetAddress> found = Stream.of(source.addresses(host)).distinct().toList();
        if (found.size() > MOST_ADDRESSES) {
            throw new PermanentFailureException(
                    "%s: the name has %d addresses, at most %d are read".formatted(host, found.size(), MOST_ADDRESSES));
        }
        return found;
    }
}
