package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which RabbitMQ it is. */
record BrokerVersion(String text) {

    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final int MAJOR = 3;
    private static final int MINOR = 9;

    /** @throws PermanentFailureException if it is older than streams; one whose version cannot be read is taken as new */
    void requireStreams() {
        Matcher numbers = NUMBERS.matcher(text);
        if (numbers.matches()) {
            int major = Integer.parseInt(numbers.group(1));
            int minor = Integer.parseInt(numbers.group(2));
            if (major < MAJOR || (major == MAJOR && minor < MINOR)) {
                throw new PermanentFailureException(
                        "RabbitMQ %s has no streams; they came with %d.%d: upgrade it, or use --rights queue"
                                .formatted(text, MAJOR, MINOR));
            }
        }
    }
}
