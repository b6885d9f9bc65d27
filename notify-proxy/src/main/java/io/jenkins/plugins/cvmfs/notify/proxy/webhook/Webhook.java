package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.ManifestJson;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Event;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A configured webhook with the content of its files. Makes its messages: their ids, bodies and signatures. Immutable. */
final class Webhook {

    private static final String HMAC = "HmacSHA256";

    /** Enough that no two messages share an id. */
    private static final int ID_BYTES = 16;

    private final WebhookConfig config;
    private final List<SecretKeySpec> keys;
    private final Map<String, String> headers;

    private Webhook(WebhookConfig config, List<byte[]> keys, Map<String, String> headers) {
        this.config = config;
        this.keys = keys.stream().map(key -> new SecretKeySpec(key, HMAC)).toList();
        this.headers = headers;
    }

    /**
     * Reads the files of a webhook, and blocks on them.
     *
     * @throws InvalidInputException if one cannot be used; the message names the webhook and the file
     */
    static Webhook read(WebhookConfig config) {
        try {
            return new Webhook(config, config.readKeys(), config.readHeaders());
        } catch (InvalidInputException e) {
            throw new InvalidInputException("webhook %s: %s".formatted(config.name(), e.getMessage()), e);
        }
    }

    WebhookConfig config() {
        return config;
    }

    /**
     * One message.
     *
     * @param url is not to be shown, as the headers are not
     */
    record Message(
            URI url,
            String contentType,
            String body,
            Map<String, String> headers,
            Duration timeout,
            boolean allowPrivate) {

        /** Shows neither the URL nor the headers. */
        @Override
        public String toString() {
            return "a message of %d characters".formatted(body.length());
        }
    }

    /**
     * Returns the id of the message on the first announcement of this manifest: the same in every proxy, and at every attempt. Another
     * event of the webhook has another one.
     */
    String id(Announcement announcement) {
        return hash(announcement, "");
    }

    /** Returns the id of the message on a rollback to this manifest, which follows from its time too: the receiver may know the manifest. */
    String idOfRollback(Announcement announcement) {
        return hash(announcement, "\n" + announcement.announcedAt().toEpochMilli());
    }

    private String hash(Announcement announcement, String more) {
        String name = String.join(
                        "\n",
                        config.name(),
                        config.event().word(),
                        announcement.message().repository().value(),
                        ManifestJson.eventId(announcement.message().manifest()))
                + more;
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
            return "msg_" + HexFormat.of().formatHex(Arrays.copyOf(hash, ID_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /**
     * Returns the message on an announcement, signed at this time.
     *
     * @param id one of the two above
     */
    Message message(Announcement announcement, String id, Instant now) {
        String body;
        String contentType;
        Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        switch (config.body()) {
            case CLOUDEVENTS -> {
                contentType = "application/cloudevents+json; charset=utf-8";
                body = event(announcement, id).toString();
            }
            case GITHUB -> {
                contentType = "application/json";
                body = repositoryDispatch(announcement, id).toString();
                fields.put("Accept", "application/vnd.github+json");
            }
            case GITLAB -> {
                contentType = "application/x-www-form-urlencoded";
                body = variables(announcement);
            }
            default -> throw new IllegalStateException("unknown body " + config.body());
        }
        long seconds = now.getEpochSecond();
        fields.putAll(headers);
        fields.put("webhook-id", id);
        fields.put("webhook-timestamp", String.valueOf(seconds));
        if (!keys.isEmpty()) {
            fields.put("webhook-signature", signatures(keys, id, seconds, body));
        }
        return new Message(config.url(), contentType, body, fields, config.timeout(), config.allowPrivate());
    }

    /** Returns a signature of each key, separated by spaces, as Standard Webhooks defines them. */
    static String signatures(List<SecretKeySpec> keys, String id, long seconds, String body) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes("%s.%d.".formatted(id, seconds).getBytes(UTF_8));
        signed.writeBytes(body.getBytes(UTF_8));
        return keys.stream()
                .map(key -> "v1," + Base64.getEncoder().encodeToString(hmac(key, signed.toByteArray())))
                .collect(Collectors.joining(" "));
    }

    private static byte[] hmac(SecretKeySpec key, byte[] signed) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac.doFinal(signed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has " + HMAC, e);
        }
    }

    /** An announcement has the id that subscribers know; a rollback and another event are other events. */
    private ObjectNode event(Announcement announcement, String id) {
        RepositoryName repository = announcement.message().repository();
        Manifest manifest = announcement.message().manifest();
        return ManifestJson.cloudEvent(
                URI.create("urn:cvmfs-notify:webhook:" + config.name()),
                config.event().word(),
                config.event() == Event.ANNOUNCED && id.equals(id(announcement)) ? ManifestJson.eventId(manifest) : id,
                repository,
                manifest,
                ManifestJson.of(repository, manifest)
                        .put("announced", announcement.announcedAt().toString()));
    }

    /** Workflows choose by {@code event_type}; the payload may have ten entries. */
    private ObjectNode repositoryDispatch(Announcement announcement, String id) {
        ObjectNode payload = ManifestJson.of(
                        announcement.message().repository(),
                        announcement.message().manifest())
                .put("id", id);
        ObjectNode dispatch = JsonNodeFactory.instance
                .objectNode()
                .put("event_type", "cvmfs-" + config.event().word());
        dispatch.set("client_payload", payload);
        return dispatch;
    }

    private String variables(Announcement announcement) {
        Manifest manifest = announcement.message().manifest();
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("CVMFS_EVENT", config.event().word());
        variables.put("CVMFS_FQRN", announcement.message().repository().value());
        variables.put("CVMFS_REVISION", manifest.revision().toString());
        variables.put("CVMFS_ROOT_HASH", manifest.rootCatalog().toString());
        return variables.entrySet().stream()
                .map(variable -> URLEncoder.encode("variables[%s]".formatted(variable.getKey()), UTF_8)
                        + "="
                        + URLEncoder.encode(variable.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }
}
