package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * Why the broker cannot be used.
 *
 * @param kind what an operator has to check
 * @param sentence what happened, without credentials
 */
record BrokerError(Kind kind, String sentence) {

    /** The thing that an operator has to check. A change of it is logged. */
    enum Kind {
        /** The network, or whether the broker runs. */
        UNREACHABLE("cannot reach the broker"),
        /** Certificates and authorities. */
        TLS("the broker's certificate is not trusted, or it has no TLS"),
        /** User and password. */
        LOGIN("the broker refuses user or password"),
        /** The user's permissions, the vhost. */
        RIGHTS("the broker denies a right"),
        /** The broker's stream coordinator. */
        STREAM(
                "the broker does not start the stream; if that lasts, see docs/operations.md#a-stream-that-does-not-start"),
        /** The sentence. */
        OTHER("the broker cannot be used");

        private final String summary;

        Kind(String summary) {
            this.summary = summary;
        }
    }

    /** The broker's replies name what it refuses to whom, and are about 200 characters long. */
    private static final int LONGEST = 400;

    /** From the reply about a queue that is declared and not running; the stream is the only named queue that we use. */
    private static final String IS_NOT_STARTED = "is down or inaccessible";

    static final int ACCESS_REFUSED = 403;
    static final int NOT_FOUND = 404;
    static final int NOT_ALLOWED = 530;
    static final int CONNECTION_FORCED = 320;

    /** Returns the meaning of the exception. */
    static BrokerError of(Throwable failure) {
        return failure instanceof UnusableBrokerException known
                ? known.error()
                : new BrokerError(
                        kindOf(failure), Excerpt.of(sentenceOf(failure).replaceAll("\\p{Cntrl}", " "), LONGEST));
    }

    private static Kind kindOf(Throwable failure) {
        List<Throwable> causes = causes(failure).toList();
        if (causes.stream().anyMatch(t -> t instanceof SSLException || t instanceof GeneralSecurityException)) {
            return Kind.TLS;
        }
        if (causes.stream()
                .anyMatch(t -> t instanceof AuthenticationFailureException
                        || t instanceof PossibleAuthenticationFailureException)) {
            return Kind.LOGIN;
        }
        return switch (replyCode(failure)) {
            case ACCESS_REFUSED, NOT_ALLOWED -> Kind.RIGHTS;
            case 0, CONNECTION_FORCED -> Kind.UNREACHABLE;
            case NOT_FOUND -> replyText(failure).contains(IS_NOT_STARTED) ? Kind.STREAM : Kind.OTHER;
            default -> Kind.OTHER;
        };
    }

    private static String sentenceOf(Throwable failure) {
        return reply(failure)
                .map(Reply::text)
                .orElseGet(() -> causes(failure)
                        .reduce((outer, inner) -> inner)
                        .map(root -> FileProblem.reason(root.getMessage(), root))
                        .orElseThrow());
    }

    /** The code with which the broker closed a channel or connection; 0 if it did not. */
    static int replyCode(Throwable failure) {
        return reply(failure).map(Reply::code).orElse(0);
    }

    /** The text with which the broker closed a channel or connection; empty if it did not. */
    static String replyText(Throwable failure) {
        return reply(failure).map(Reply::text).orElse("");
    }

    private record Reply(int code, String text) {}

    private static Optional<Reply> reply(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Object reason = cause instanceof ShutdownSignalException closed ? closed.getReason() : null;
            if (reason instanceof AMQP.Channel.Close close) {
                return Optional.of(new Reply(close.getReplyCode(), close.getReplyText()));
            }
            if (reason instanceof AMQP.Connection.Close close) {
                return Optional.of(new Reply(close.getReplyCode(), close.getReplyText()));
            }
        }
        return Optional.empty();
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, t -> t != null, Throwable::getCause);
    }

    @Override
    public String toString() {
        return kind.summary + ": " + sentence;
    }

    /** The broker answers, but lacks a right or a queue that this proxy needs. */
    static final class UnusableBrokerException extends IOException {

        private static final long serialVersionUID = 1L;

        private final BrokerError error;

        UnusableBrokerException(BrokerError error) {
            super(error.sentence());
            this.error = error;
        }

        BrokerError error() {
            return error;
        }
    }
}
