package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The announcement that a repository has a new revision: one JSON object with {@code version}, {@code timestamp}, {@code type}
 * {@code "activity"}, {@code repository} and {@code manifest}, the base64 of the whole {@code .cvmfspublished}. Unknown keys are
 * ignored. The message keeps the bytes it was read from, so that it can be forwarded unchanged.
 *
 * <p>The manifest is parsed, and its repository compared with that of the message; its signature is not verified. Immutable.
 */
public final class ActivityMessage {

    /** The longest message accepted, in bytes. A real one has about 1 KB. */
    public static final int MAX_BYTES = 128 * 1024;

    /** The longest manifest accepted, in bytes. A real one has about 700 bytes. */
    public static final int MAX_MANIFEST_BYTES = 64 * 1024;

    /** As the C++ publisher writes it, the day not padded, no zone; but in UTC where it writes local time. */
    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .appendPattern("d ")
            .appendText(ChronoField.MONTH_OF_YEAR, months())
            .appendPattern(" yyyy HH:mm:ss")
            .toFormatter(Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final byte[] raw;
    private final RepositoryName repository;
    private final String timestamp;
    private final byte[] manifestBytes;
    private final Manifest manifest;

    private ActivityMessage(
            byte[] raw, RepositoryName repository, String timestamp, byte[] manifestBytes, Manifest manifest) {
        this.raw = raw;
        this.repository = repository;
        this.timestamp = timestamp;
        this.manifestBytes = manifestBytes;
        this.manifest = manifest;
    }

    /**
     * Reads a message of at most {@value #MAX_BYTES} bytes.
     *
     * @param raw the whole message, UTF-8; kept, so the caller must not change it afterwards
     * @throws MessageFormatException if it is malformed; its fault says how
     */
    public static ActivityMessage parse(byte[] raw) {
        JsonNode json = MessageJson.object(raw, MAX_BYTES);
        MessageJson.requireVersion(json);
        String timestamp = MessageJson.text(json, "timestamp");
        if (!"activity".equals(MessageJson.text(json, "type"))) {
            throw MessageJson.wrong("type", "must be \"activity\"");
        }
        RepositoryName repository = MessageJson.repository(json);
        byte[] manifestBytes = decodeManifest(MessageJson.text(json, "manifest"));
        return new ActivityMessage(raw, repository, timestamp, manifestBytes, manifestOf(repository, manifestBytes));
    }

    /**
     * Makes a message, byte for byte as the C++ publisher writes it but with the time in UTC.
     *
     * @param published the whole {@code .cvmfspublished}
     * @throws MessageFormatException if the manifest cannot be read, names no repository or is too long
     */
    public static ActivityMessage announce(byte[] published, Instant now) {
        Manifest manifest = readManifest(published);
        RepositoryName repository = manifest.repository();
        if (repository == null) {
            throw MessageJson.wrong("manifest", "has no line 'N', so the repository is not known");
        }
        String timestamp = TIMESTAMP.format(now);
        String json =
                "{ \"version\" : 1, \"timestamp\" : \"%s\", \"type\" : \"activity\", \"repository\" : \"%s\", \"manifest\" : \"%s\"}"
                        .formatted(timestamp, repository, Base64.getEncoder().encodeToString(published));
        return new ActivityMessage(json.getBytes(UTF_8), repository, timestamp, published.clone(), manifest);
    }

    /** Returns the names by number. They are not the JDK's: to load its data of languages takes longer than to announce. */
    private static Map<Long, String> months() {
        List<String> names =
                List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
        return LongStream.rangeClosed(1, names.size())
                .boxed()
                .collect(Collectors.toMap(month -> month, month -> names.get(month.intValue() - 1)));
    }

    /** Accepts both base64 alphabets, also mixed, and no white space, as the C++ readers do. */
    private static byte[] decodeManifest(String base64) {
        if (base64.length() % 4 != 0) {
            throw MessageJson.wrong("manifest", "base64 must have a multiple of 4 characters, has " + base64.length());
        }
        try {
            return Base64.getDecoder().decode(base64.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            throw MessageJson.wrong("manifest", "is not base64");
        }
    }

    private static Manifest manifestOf(RepositoryName repository, byte[] bytes) {
        Manifest manifest = readManifest(bytes);
        RepositoryName named = manifest.repository();
        if (named != null && !named.equals(repository)) {
            throw MessageJson.wrong(
                    "manifest", "is of repository '%s', the message of '%s'".formatted(named, repository));
        }
        return manifest;
    }

    private static Manifest readManifest(byte[] bytes) {
        if (bytes.length > MAX_MANIFEST_BYTES) {
            throw MessageJson.wrong(
                    "manifest", "has %d bytes, allowed are %d".formatted(bytes.length, MAX_MANIFEST_BYTES));
        }
        try {
            return Manifest.parse(bytes);
        } catch (InvalidInputException e) {
            throw MessageJson.wrong("manifest", e.getMessage());
        }
    }

    /** Returns the message's own bytes, UTF-8: do not change them. */
    public byte[] raw() {
        return raw;
    }

    public RepositoryName repository() {
        return repository;
    }

    /** Returns the publisher's time, free text: the C++ publisher writes local time without a zone. */
    public String timestamp() {
        return timestamp;
    }

    /** Returns a copy of the whole {@code .cvmfspublished}, signature included. */
    public byte[] manifestBytes() {
        return manifestBytes.clone();
    }

    /** Returns the manifest's fields; the signature is not verified. */
    public Manifest manifest() {
        return manifest;
    }

    /** Returns the revision in the manifest. */
    public Revision revision() {
        return manifest.revision();
    }

    /** Returns repository and revision, never the payload. */
    @Override
    public String toString() {
        return repository + " revision " + revision();
    }
}
