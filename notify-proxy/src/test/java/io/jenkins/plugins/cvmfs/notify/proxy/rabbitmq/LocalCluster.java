package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * A cluster of private nodes on the loopback, joined as an administrator joins them. They listen on one port of different addresses,
 * as the machines of a real one do.
 */
public final class LocalCluster implements AutoCloseable {

    private final List<OwnedBroker> nodes = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    private LocalCluster() {}

    /**
     * Starts it and waits until all nodes are in it.
     *
     * @throws UnavailableException if there is no RabbitMQ on this machine, and none can be installed
     */
    public static LocalCluster launch(int size) throws UnavailableException {
        List<Path> folders = new ArrayList<>();
        try {
            for (int i = 0; i < size; i++) {
                folders.add(Files.createTempDirectory("cvmfs-notify-rabbitmq-"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return launchIn(folders);
    }

    /** Starts one of as many nodes, each of which keeps everything in its folder. */
    public static LocalCluster launchIn(List<Path> folders) throws UnavailableException {
        LocalNode.Installation programs = LocalNode.Installation.find();
        LocalCluster cluster = new LocalCluster();
        int amqpPort = FreePort.find();
        int mapperPort = FreePort.find();
        String prefix = "cvmfs-notify-cluster-" + ProcessHandle.current().pid() + "-";
        try {
            for (int i = 1; i <= folders.size(); i++) {
                LocalNode.Place place = new LocalNode.Place(prefix + i, "127.0.0." + i, amqpPort, mapperPort);
                OwnedBroker node = LocalNode.launch(programs, place, folders.get(i - 1));
                cluster.nodes.add(node);
                cluster.names.add(place.nodeName());
                if (i > 1) {
                    join(node, cluster.names.get(0));
                }
            }
            cluster.nodes.forEach(OwnedBroker::settle);
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private static void join(OwnedBroker node, String first) {
        node.ctl("stop_app");
        node.ctl("reset");
        node.ctl("join_cluster", first);
        node.ctl("start_app");
        Awaitility.await().atMost(OwnedBroker.LONGEST_START).until(node::acceptsConnections);
    }

    /** Keeps a node and the others apart, without ending anything: neither lets the other in. Clients still reach all of them. */
    public void cutOff(int node) {
        nodes.get(node).ctl("eval", forOthers(node, "erlang:set_cookie(N, wrong), erlang:disconnect_node(N)"));
    }

    /** Lets them meet again; does nothing if they can. Waits until the node accepts connections. */
    public void join(int node) {
        nodes.get(node).ctl("eval", forOthers(node, "erlang:set_cookie(N, erlang:get_cookie())"));
        Awaitility.await().atMost(OwnedBroker.LONGEST_START).until(nodes.get(node)::acceptsConnections);
    }

    private String forOthers(int node, String deed) {
        return IntStream.range(0, names.size())
                .filter(other -> other != node)
                .mapToObj(other -> "'" + names.get(other) + "'")
                .collect(Collectors.joining(",", "[begin " + deed + " end || N <- [", "]]."));
    }

    /** The nodes, in the order in which the addresses name them. */
    public List<OwnedBroker> nodes() {
        return nodes;
    }

    /** How to reach it as a user with all rights: with a list of addresses. */
    public AmqpSettings amqp() {
        AmqpSettings first = nodes.get(0).amqp();
        String addresses = nodes.stream().map(node -> node.amqp().host()).collect(Collectors.joining(","));
        return first.at(addresses, first.port());
    }

    /** Ends it; the first node last, as its folder has the port mapper's output. */
    @Override
    public void close() {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            nodes.get(i).stop();
        }
    }
}
