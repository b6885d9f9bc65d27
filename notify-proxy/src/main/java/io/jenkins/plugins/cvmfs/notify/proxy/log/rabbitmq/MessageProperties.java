package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The AMQP properties of messages of proxies. Other programs on the exchange neither set nor need any of them.
 *
 * @param idOrNull the publish, question or fence; null if another program published it
 * @param announcedAtOrNull when a proxy accepted it; null if none did and it has no timestamp
 * @param epochOrNull the epoch of the stream it was published to, as far as its publisher knew
 * @param isCopy whether it is an old message, published again
 * @param replyToOrNull where to send what it asks for
 */
record MessageProperties(
        @Nullable UUID idOrNull,
        @Nullable Instant announcedAtOrNull,
        @Nullable String epochOrNull,
        boolean isCopy,
        @Nullable String replyToOrNull) {

    private static final String APP_ID = "cvmfs-notify";
    private static final String ANNOUNCED_AT = "x-cvmfs-notify-announced-at";
    private static final String EPOCH = "x-cvmfs-notify-epoch";
    private static final String COPY = "x-cvmfs-notify-copy";
    private static final int PERSISTENT = 2;

    /** Properties of an announcement. */
    static MessageProperties announcement(@Nullable UUID id, Instant announcedAt, Optional<String> epoch) {
        return new MessageProperties(id, announcedAt, epoch.orElse(null), false, null);
    }

    /** Properties of a question or a fence. */
    static MessageProperties question(UUID id, @Nullable String epoch, @Nullable String replyTo) {
        return new MessageProperties(id, null, epoch, false, replyTo);
    }

    MessageProperties asCopy() {
        return new MessageProperties(idOrNull, announcedAtOrNull, epochOrNull, true, replyToOrNull);
    }

    static MessageProperties of(BasicProperties properties) {
        if (!APP_ID.equals(properties.getAppId())) {
            Date sent = properties.getTimestamp();
            return new MessageProperties(
                    null, sent == null ? null : time(sent.toInstant().toEpochMilli()), null, false, null);
        }
        Map<String, Object> headers = properties.getHeaders() == null ? Map.of() : properties.getHeaders();
        return new MessageProperties(
                id(properties.getMessageId()),
                headers.get(ANNOUNCED_AT) instanceof Long millis ? time(millis) : null,
                epoch(headers.get(EPOCH)),
                Boolean.TRUE.equals(headers.get(COPY)),
                properties.getReplyTo());
    }

    private static @Nullable Instant time(long millis) {
        return Recency.time(millis).orElse(null);
    }

    private static @Nullable String epoch(@Nullable Object header) {
        return header != null && LogPosition.isEpoch(header.toString()) ? header.toString() : null;
    }

    private static @Nullable UUID id(@Nullable String messageId) {
        try {
            return messageId == null ? null : UUID.fromString(messageId);
        } catch (IllegalArgumentException foreign) {
            return null;
        }
    }

    BasicProperties toProperties() {
        Map<String, Object> headers = new HashMap<>();
        BasicProperties.Builder properties = new BasicProperties.Builder()
                .appId(APP_ID)
                .deliveryMode(PERSISTENT)
                .headers(headers);
        if (idOrNull != null) {
            properties.messageId(idOrNull.toString());
        }
        if (announcedAtOrNull != null) {
            properties.timestamp(Date.from(announcedAtOrNull));
            headers.put(ANNOUNCED_AT, announcedAtOrNull.toEpochMilli());
        }
        if (epochOrNull != null) {
            headers.put(EPOCH, epochOrNull);
        }
        if (isCopy) {
            headers.put(COPY, true);
        }
        return properties.replyTo(replyToOrNull).build();
    }
}
