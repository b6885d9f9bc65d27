package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import io.jenkins.plugins.cvmfs.notify.proxy.frontend.Endpoint;
import io.jenkins.plugins.cvmfs.notify.proxy.frontend.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.frontend.EndpointRequest;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** {@code /metrics} in Prometheus' text format: the proxy's own meters and those of the JVM. */
public final class Metrics implements Endpoint, AutoCloseable {

    private static final String PATH = "/metrics";
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

    /** A registry of its own, so that several proxies in one JVM do not mix. */
    public Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    /** Where the other parts register what they count. */
    public MeterRegistry registry() {
        return registry;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(PATH);
    }

    @Override
    public EndpointReply get(EndpointRequest request) {
        return new EndpointReply(200, TEXT_FORMAT, registry.scrape());
    }

    /** Stops listening to the garbage collector. Closing twice is fine. */
    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
