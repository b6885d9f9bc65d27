package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Takes orders, one a line, until its input ends. */
public final class GeneratorProcess {

    private static final double BUSIEST = 0.9;

    private final Arrivals arrivals = new Arrivals();
    private final Swarm swarm = new Swarm(arrivals);
    private Order.@Nullable Target target;
    private @Nullable Publishing publishing;
    private long deliveriesPerMessage;

    public GeneratorProcess() throws IOException {}

    /** Blocks until the input ends. */
    public void run() throws IOException {
        ObjectMapper json = new ObjectMapper();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        PrintStream answers = System.out;
        String line;
        while ((line = orders.readLine()) != null) {
            answers.println(json.writeValueAsString(obey(json.readValue(line, Order.class))));
            answers.flush();
        }
    }

    private Outcome obey(Order order) {
        Map<String, Double> values = new LinkedHashMap<>();
        if (!(order instanceof Order.Expect)) {
            arrivals.reset();
        }
        long start = System.nanoTime();
        long swarmCpu = swarm.cpuNanos();
        long ownCpu = ownCpuNanos();
        try {
            carryOut(order, values);
            double seconds = (System.nanoTime() - start) / 1e9;
            double busy = Math.max(swarm.cpuNanos() - swarmCpu, ownCpuNanos() - ownCpu) / 1e9 / seconds;
            values.put("seconds", seconds);
            values.put("generatorCore", busy);
            arrivals.report(values);
            swarm.failIfBroken();
            boolean isAtFixedRate = order instanceof Order.Rate || order instanceof Order.Flood;
            if (busy > BUSIEST
                    && isAtFixedRate
                    && target != null
                    && target.dialect().isServed()) {
                throw new IOException("the generator was the bottleneck: %.0f %% of a core".formatted(busy * 100));
            }
            return new Outcome(values, "");
        } catch (IOException | UncheckedIOException e) {
            return new Outcome(values, String.valueOf(e.getMessage()));
        }
    }

    private static long ownCpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void carryOut(Order order, Map<String, Double> to) throws IOException {
        if (order instanceof Order.Target server) {
            target = server;
            publishing = server.number() == 0 ? new Publishing(server, arrivals) : null;
        } else if (target == null) {
            throw new IOException("the first order must be a target");
        } else if (order instanceof Order.Connect connect) {
            connect(target, connect, to);
        } else if (order instanceof Order.Expect expect) {
            to.put("lastMicros", arrivals.await(expect.messages() * deliveriesPerMessage) / 1e3);
        } else if (order instanceof Order.Drop) {
            to.put("dropped", (double) swarm.call(swarm::drop));
            deliveriesPerMessage = 0;
        } else if (publishing == null) {
            throw new IOException("only generator 0 publishes");
        } else if (order instanceof Order.Burst burst) {
            publishing.burst(burst.messages(), deliveriesPerMessage, to);
        } else if (order instanceof Order.Rate rate) {
            publishing.rate(rate, deliveriesPerMessage, to);
        } else if (order instanceof Order.Flood flood) {
            publishing.flood(flood, to);
        }
    }

    private void connect(Order.Target server, Order.Connect order, Map<String, Double> to) throws IOException {
        if (server.dialect() == Dialect.AMQP) {
            // Its one reader came with the connection.
            deliveriesPerMessage = 1;
            return;
        }
        long start = System.nanoTime();
        // A multiple of what the slowest server measured so far needed.
        int longestMillis = 10_000 + order.count();
        Swarm.Joining joining = swarm.join(server, order);
        try {
            joining.allReady().get(longestMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(Objects.requireNonNull(e.getCause()).getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("%s in time".formatted(swarm.call(joining::progress)), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        to.put("connectSeconds", (System.nanoTime() - start) / 1e9);
        if (!order.stalled()) {
            deliveriesPerMessage += order.count();
        }
    }
}
