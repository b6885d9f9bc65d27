package io.jenkins.plugins.cvmfs.notify.load.generator;

import io.jenkins.plugins.cvmfs.notify.load.wire.Numbered;
import io.jenkins.plugins.cvmfs.notify.load.wire.StreamParser;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of one order to connect: what they ask for, and how many have it. Used on the swarm's thread only, except for the
 * future.
 */
final class Recruits {

    private final Order.Target target;
    private final Order.Connect order;
    private final CompletableFuture<Void> allReady = new CompletableFuture<>();
    private final Swarm swarm;
    private final @Nullable SSLContext tls;
    private int begun;
    private int ready;

    Recruits(Order.Target target, Order.Connect order, Swarm swarm) {
        this.target = target;
        this.order = order;
        this.swarm = swarm;
        this.tls = target.tls() ? Trust.context() : null;
    }

    StreamParser parser(String head) {
        return target.dialect().parser(order.kind(), head);
    }

    Link link(SocketChannel channel) {
        return tls == null ? new Link.Plain(channel) : new TlsLink(channel, tls.createSSLEngine());
    }

    boolean stalled() {
        return order.stalled();
    }

    int repositoriesEach() {
        return order.repositoriesEach();
    }

    /** Subscribers take blocks of repositories in turn. */
    int firstRepositoryOf(int number) {
        int blocks = target.repositories() / order.repositoriesEach();
        return target.firstRepository() + number % blocks * order.repositoriesEach();
    }

    byte[] request(int firstRepository) {
        return target.dialect().subscribe(order.kind(), names(firstRepository));
    }

    List<byte[]> afterUpgrade(int firstRepository) {
        return order.kind() == SubscriberKind.WEB_SOCKET
                ? target.dialect().afterUpgrade(names(firstRepository))
                : List.of();
    }

    private List<String> names(int firstRepository) {
        return IntStream.range(firstRepository, firstRepository + order.repositoriesEach())
                .mapToObj(Numbered::repository)
                .toList();
    }

    /** Begins as many as may be under way. */
    void recruit() {
        try {
            while (begun < order.count() && begun - ready < order.atOnce()) {
                swarm.open(this, target, begun, "127.0.0." + (2 + begun % order.sources()));
                begun++;
            }
        } catch (IOException e) {
            allReady.completeExceptionally(new IOException("%s; %s".formatted(progress(), e.getMessage()), e));
        }
    }

    /** One more holds the last value of all its repositories. */
    void ready() {
        ready++;
        if (ready == order.count()) {
            allReady.complete(null);
        } else {
            recruit();
        }
    }

    void failed(SubscriberSocket subscriber, IOException e) {
        if (!allReady.isDone()) {
            allReady.completeExceptionally(new IOException("%s; %s".formatted(progress(), e.getMessage()), e));
        }
        swarm.broken(subscriber, e);
    }

    void strange(SubscriberSocket subscriber) {
        failed(subscriber, new IOException("a message that is none of this run's came to the " + subscriber));
    }

    /** How far it has come. */
    String progress() {
        return "%d of %d subscribers were in".formatted(ready, order.count());
    }

    CompletableFuture<Void> allReady() {
        return allReady;
    }
}
