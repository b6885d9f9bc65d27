package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a user may do on the virtual host: three regular expressions over the names of exchanges and queues.
 *
 * @param configure what it may create and delete
 * @param write what it may publish to, and bind to
 * @param read what it may consume from, and bind from
 */
record BrokerPermissions(String configure, String write, String read) {

    private static final String ALL = ".*";
    private static final String NONE = "^$";

    /** Everything: for the administrator who makes exchange and stream. */
    static final BrokerPermissions EVERYTHING = new BrokerPermissions(ALL, ALL, ALL);

    /** Those of a proxy: server-named queues, and these names besides. With the exchange alone, the original service's. */
    static BrokerPermissions ofProxy(String... names) {
        String own = "^(amq\\.gen.*|"
                + Arrays.stream(names).map(BrokerPermissions::literally).collect(Collectors.joining("|")) + ")$";
        return new BrokerPermissions(own, own, ALL);
    }

    /** Those of a program that publishes to the exchange by itself, and does nothing else. */
    static BrokerPermissions ofPublisher(String exchange) {
        return new BrokerPermissions(NONE, "^" + literally(exchange) + "$", NONE);
    }

    /** A regular expression for exactly this name. */
    static String literally(String name) {
        return name.replaceAll("[^A-Za-z0-9_/:@-]", "\\\\$0");
    }
}
