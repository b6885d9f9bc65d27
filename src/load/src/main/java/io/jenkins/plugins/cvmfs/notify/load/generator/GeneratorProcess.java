package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Takes orders, one a line, until its input ends. */
public final class GeneratorProcess {

    private static final double BUSIEST = 0.9;

    private final Arrivals arrivals = new Arrivals();
    private final Swarm swarm;
    private Order.@Nullable Target target;
    private @Nullable Publishing publishing;
    private long deliveriesPerMessage;

    public GeneratorProcess() throws IOException {
        swarm = new Swarm(arrivals);
    }

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

    private Outcome obey(Order order) throws IOException {
        Outcome.Builder outcome = new Outcome.Builder();
        swarm.run(arrivals::reset);
        long start = System.nanoTime();
        long swarmCpu = swarm.cpuNanos();
        long ownCpu = ownCpuNanos();
        try {
            carryOut(order, outcome);
        } catch (IOException e) {
            outcome.problem(String.valueOf(e.getMessage()));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double busy = Math.max(swarm.cpuNanos() - swarmCpu, ownCpuNanos() - ownCpu) / 1e9 / seconds;
        outcome.put("seconds", seconds).put("generatorCore", busy);
        if (busy > BUSIEST && (order instanceof Order.Rate || order instanceof Order.Flood)) {
            outcome.problem("the generator was the bottleneck: %.0f %% of a core".formatted(busy * 100));
        }
        return swarm.call(() -> {
            swarm.report(outcome);
            if (outcome.get("lost") + outcome.get("duplicated") + outcome.get("outOfOrder") > 0) {
                outcome.problem("messages were lost, doubled or out of order");
            }
            return outcome.build();
        });
    }

    private static long ownCpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void carryOut(Order order, Outcome.Builder to) throws IOException {
        if (order instanceof Order.Target server) {
            target = server;
            Numbered messages = new Numbered(ThreadLocalRandom.current().nextInt());
            publishing = new Publishing(server, messages, arrivals);
            publishing.publishFirst();
        } else if (target == null || publishing == null) {
            throw new IOException("the first order must be a target");
        } else if (order instanceof Order.Connect connect) {
            connect(target, connect, to);
        } else if (order instanceof Order.Burst burst) {
            publishing.burst(burst.messages(), deliveriesPerMessage, to);
        } else if (order instanceof Order.Rate rate) {
            publishing.rate(rate, deliveriesPerMessage, to);
        } else if (order instanceof Order.Flood flood) {
            publishing.flood(flood, to);
        } else {
            swarm.run(swarm::drop);
            deliveriesPerMessage = 0;
        }
    }

    private void connect(Order.Target server, Order.Connect order, Outcome.Builder to) throws IOException {
        long start = System.nanoTime();
        Swarm.Joining joining = swarm.join(server, order);
        try {
            joining.allReady().get(order.timeoutNanos(), TimeUnit.NANOSECONDS);
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
