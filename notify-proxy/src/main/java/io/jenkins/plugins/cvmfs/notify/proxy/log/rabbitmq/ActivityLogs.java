package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalLog;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;

/** Opens the activity log that the configuration asks for. */
public final class ActivityLogs {

    private ActivityLogs() {}

    /**
     * Opens the log; nothing is delivered, and no broker is connected to, before its {@code start}.
     *
     * @param clock tells when a message was announced
     * @throws io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException if the state folder cannot be used, or another
     *     proxy uses it
     */
    public static ActivityLog open(ProxyConfig config, Clock clock, MeterRegistry meters) {
        if (!config.standalone()) {
            return new RabbitLog(config, clock, meters);
        }
        return JournalLog.open(
                config.stateDir(),
                config.limits().repositories(),
                config.limits().maxPendingPublishes(),
                config.amqp().confirmTimeout(),
                clock,
                meters);
    }
}
