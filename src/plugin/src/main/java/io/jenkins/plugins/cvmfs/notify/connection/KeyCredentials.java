package io.jenkins.plugins.cvmfs.notify.connection;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.cloudbees.plugins.credentials.common.StandardCredentials;
import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jenkinsci.plugins.plaincredentials.FileCredentials;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jspecify.annotations.Nullable;

/** Public master keys that are kept as a secret file or a secret text among the credentials of Jenkins itself, or of a folder. */
public final class KeyCredentials {

    private static final int MAX_BYTES = 64 * 1024;

    private KeyCredentials() {}

    /**
     * Returns the content. May block.
     *
     * @param folder the full name of the folder whose own credentials they are; null for those of Jenkins itself
     * @throws NotifyException if there are no such credentials, or the file is longer than 64 KiB or cannot be read
     */
    public static String read(@Nullable String folder, String id) {
        Optional<StringCredentials> text = PlaceCredentials.find(folder, id, StringCredentials.class, List.of());
        if (text.isPresent()) {
            return text.get().getSecret().getPlainText();
        }
        FileCredentials file = PlaceCredentials.find(folder, id, FileCredentials.class, List.of())
                .orElseThrow(() -> new RefusedException(PlaceCredentials.missing(
                        "there is no secret file or secret text with the id '%s'", folder, id)));
        try (InputStream content = file.getContent()) {
            byte[] bytes = content.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new InvalidInputException(
                        "the secret file '%s' has more than the %d bytes that are allowed".formatted(id, MAX_BYTES));
            }
            return new String(bytes, UTF_8);
        } catch (IOException e) {
            throw new TransientFailureException(
                    "the secret file '%s' cannot be read: %s".formatted(id, FileProblem.reason(e)), e);
        }
    }

    /**
     * Returns all that may hold keys.
     *
     * @param folder as in {@link #read}
     */
    public static List<StandardCredentials> all(@Nullable String folder) {
        List<StandardCredentials> found = new ArrayList<>();
        found.addAll(PlaceCredentials.lookup(folder, FileCredentials.class, List.of()));
        found.addAll(PlaceCredentials.lookup(folder, StringCredentials.class, List.of()));
        return found;
    }
}
