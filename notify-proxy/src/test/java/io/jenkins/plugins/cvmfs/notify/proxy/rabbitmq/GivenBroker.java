package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** A broker that someone else runs. */
record GivenBroker(AmqpSettings amqp) implements Broker {

    private static final int PLAIN_PORT = 5672;
    private static final int TLS_PORT = 5671;

    static GivenBroker at(URI uri) {
        boolean tls = "amqps".equals(uri.getScheme());
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? TLS_PORT : PLAIN_PORT;
        String[] user = uri.getRawUserInfo() == null
                ? new String[] {"guest", "guest"}
                : uri.getRawUserInfo().split(":", 2);
        String path = uri.getRawPath() == null || uri.getRawPath().length() < 2
                ? "%2F"
                : uri.getRawPath().substring(1);
        return new GivenBroker(AmqpSettings.of(
                uri.getHost(), port, decoded(path), decoded(user[0]), user.length > 1 ? decoded(user[1]) : "", tls));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String describe() {
        return "the given RabbitMQ at " + amqp.host() + ":" + amqp.port();
    }
}
