package io.jenkins.plugins.cvmfs.notify.connection;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import hudson.security.ACL;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.FileCredentials;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jspecify.annotations.Nullable;

/** Public master keys that are kept as a secret file or a secret text among the credentials of Jenkins itself. */
public final class KeyCredentials {

    private static final int MAX_BYTES = 64 * 1024;

    private KeyCredentials() {}

    /**
     * Returns the content. May block.
     *
     * @throws NotifyException if there are no such credentials, or the file is longer than 64 KiB or cannot be read
     */
    public static String read(String id) {
        StringCredentials text = find(id, StringCredentials.class);
        if (text != null) {
            return text.getSecret().getPlainText();
        }
        FileCredentials file = find(id, FileCredentials.class);
        if (file == null) {
            throw new RefusedException(
                    "there is no secret file or secret text with the id '%s' among Jenkins' credentials".formatted(id));
        }
        try (InputStream content = file.getContent()) {
            byte[] bytes = content.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new InvalidInputException(
                        "the secret file '%s' has more than the %d bytes that are allowed".formatted(id, MAX_BYTES));
            }
            return new String(bytes, UTF_8);
        } catch (IOException e) {
            throw new TransientFailureException(
                    "the secret file '%s' cannot be read: %s".formatted(id, e.getMessage()), e);
        }
    }

    /** Returns all that may hold keys. */
    public static List<StandardCredentials> all() {
        List<StandardCredentials> found = new ArrayList<>();
        found.addAll(lookup(FileCredentials.class));
        found.addAll(lookup(StringCredentials.class));
        return found;
    }

    private static <C extends StandardCredentials> List<C> lookup(Class<C> type) {
        return CredentialsProvider.lookupCredentialsInItemGroup(type, Jenkins.get(), ACL.SYSTEM2, List.of());
    }

    private static <C extends StandardCredentials> @Nullable C find(String id, Class<C> type) {
        return CredentialsProvider.findCredentialByIdInItemGroup(id, type, Jenkins.get(), ACL.SYSTEM2, List.of());
    }
}
