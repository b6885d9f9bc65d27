package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.impl.DefaultExceptionHandler;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the client library says when a connection breaks, which the {@link BrokerReport} says already, once; and when one of our
 * callbacks fails, which is a mistake of ours and closes the channel, so that the next session begins afresh.
 */
final class BrokerExceptions extends DefaultExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerExceptions.class);

    @Override
    protected void log(String message, Throwable failure) {
        if (failure instanceof IOException) {
            LOG.atDebug().addKeyValue("what", message).setCause(failure).log("The connection to the broker failed");
        } else {
            LOG.atError().addKeyValue("what", message).setCause(failure).log("The broker's message was not worked off");
        }
    }
}
