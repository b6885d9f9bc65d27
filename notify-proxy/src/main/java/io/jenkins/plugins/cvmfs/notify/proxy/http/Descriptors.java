package io.jenkins.plugins.cvmfs.notify.proxy.http;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file descriptors of the process: each connection needs one, and everything else some. */
final class Descriptors {

    /** For the log, the journal, the broker, the jar, files of the configuration, and connections that are being refused. */
    static final int RESERVED = 512;

    private static final Logger LOG = LoggerFactory.getLogger(Descriptors.class);

    private Descriptors() {}

    /** How many connections there may be, of those that the configuration allows; says why if that is fewer. */
    static int connections(int configured) {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? connections(configured, system.getMaxFileDescriptorCount())
                : configured;
    }

    /** @param allowed descriptors that the system allows the process */
    static int connections(int configured, long allowed) {
        long needed = (long) configured + RESERVED;
        if (allowed >= needed) {
            LOG.atInfo()
                    .addKeyValue("allowed", allowed)
                    .addKeyValue("needed", needed)
                    .log("open files suffice for limits.max_connections");
            return configured;
        }
        int possible = (int) Math.min(configured, Math.max(1, Math.max(allowed - RESERVED, allowed / 2)));
        LOG.atWarn()
                .addKeyValue("allowed", allowed)
                .addKeyValue("needed", needed)
                .addKeyValue("max_connections", possible)
                .log("the limit of open files is too low for limits.max_connections, which is lowered;"
                        + " raise LimitNOFILE of the systemd unit, or ulimit -n");
        return possible;
    }
}
