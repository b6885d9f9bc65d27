package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import javax.net.ssl.SSLException;

/** Why the management API cannot be reached, and what to look at. */
final class ManagementFailure {

    private ManagementFailure() {}

    static NotifyException of(URI server, IOException failure) {
        if (hasCause(failure, SSLException.class)) {
            return new PermanentFailureException(
                    "%s is not trusted: %s; --ca-file names the authorities that may sign its certificate, which must name the host"
                            .formatted(server, text(failure)),
                    failure);
        }
        if (hasCause(failure, ConnectException.class) || failure instanceof HttpTimeoutException) {
            return new TransientFailureException(
                    "cannot reach %s: is the broker up, and its management plugin on (rabbitmq-plugins enable rabbitmq_management)? It listens on port 15672, with TLS on 15671"
                            .formatted(server),
                    failure);
        }
        return new TransientFailureException(
                "%s does not answer as a web server does: %s; is it the management plugin's port, not that of AMQP, and http or https as it should be?"
                        .formatted(server, text(failure)),
                failure);
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String text(Throwable failure) {
        return Excerpt.of(String.valueOf(failure.getMessage()));
    }
}
