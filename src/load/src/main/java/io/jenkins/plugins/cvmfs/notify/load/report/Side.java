package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.Locale;

/**
 * One number of one server.
 *
 * @param scenario where it is measured
 * @param kind the kind of subscribers
 * @param server whose
 * @param size how many subscribers, or whatever else the scenario counts
 * @param metric the number
 */
record Side(String scenario, String kind, String server, int size, String metric) {

    Side of(String otherServer) {
        return new Side(scenario, kind, otherServer, size, metric);
    }

    Side at(int otherSize) {
        return new Side(scenario, kind, server, otherSize, metric);
    }

    Side to(String otherKind) {
        return new Side(scenario, otherKind, server, size, metric);
    }

    boolean isOf(Sample sample) {
        return sample.scenario().equals(scenario)
                && sample.kind().equals(kind)
                && sample.server().equals(server)
                && sample.size() == size;
    }

    /** What stands in the first column of a goal. */
    String describe() {
        return "%s, %s, %,d, %s of %s"
                .formatted(scenario, kind.toLowerCase(Locale.ROOT).replace('_', ' '), size, metric, server);
    }
}
