package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an operator of the last values that the limits leave no room for: at once of the first ones, then once a minute of those
 * since. On the ledger's thread.
 */
final class LeftOut {

    private static final Logger LOG = LoggerFactory.getLogger(LeftOut.class);
    private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);
    private static final int NAMES_IN_A_LINE = 20;

    private final RepositoryLimits limits;
    private final Counter counter;
    private final List<RepositoryName> names = new ArrayList<>();
    private long count;
    private boolean told;
    private long toldNanos;

    LeftOut(RepositoryLimits limits, MeterRegistry meters) {
        this.limits = limits;
        this.counter = Counter.builder("cvmfs_notify_last_values_left_out")
                .description("Last announcements forgotten because there are more, or longer ones, than allowed")
                .register(meters);
    }

    /** These were forgotten to make room for newer ones. */
    void add(Collection<RepositoryName> forgotten) {
        if (forgotten.isEmpty()) {
            return;
        }
        counter.increment(forgotten.size());
        count += forgotten.size();
        forgotten.stream().limit(NAMES_IN_A_LINE - names.size()).forEach(names::add);
        if (!told || System.nanoTime() - toldNanos > BETWEEN_LINES.toNanos()) {
            tell();
        }
    }

    private void tell() {
        LOG.atError()
                .addKeyValue("leftOut", count)
                .addKeyValue("repositories", namesInWords())
                .addKeyValue("limits.max_repositories", limits.maxRepositories())
                .addKeyValue("limits.max_last_value_bytes", limits.maxLastValueBytes())
                .log(
                        "last values left out, the oldest first, because there are more than the limits allow; raise the limits");
        told = true;
        toldNanos = System.nanoTime();
        count = 0;
        names.clear();
    }

    private String namesInWords() {
        String first = names.stream().map(RepositoryName::value).collect(Collectors.joining(" "));
        return count > names.size() ? first + " and " + (count - names.size()) + " more" : first;
    }
}
