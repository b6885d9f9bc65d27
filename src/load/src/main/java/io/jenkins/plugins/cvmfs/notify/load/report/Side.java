package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.ArrayList;
import java.util.List;
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
        return "%s, %s, %s, %,d: %s".formatted(scenario, server, words(kind), size, metric);
    }

    /** The same of a side that this one is compared with: where it differs. */
    String differenceTo(Side own) {
        List<String> parts = new ArrayList<>();
        if (!server.equals(own.server)) {
            parts.add(server);
        }
        if (!kind.equals(own.kind)) {
            parts.add(words(kind));
        }
        if (size != own.size) {
            parts.add("%,d".formatted(size));
        }
        return String.join(", ", parts);
    }

    private static String words(String kind) {
        return kind.toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
