package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Reads the messages that subscribe. Thousands that come back at once ask for the same few repositories in the same bytes: those are
 * read once, and all who sent them share one name. From any thread.
 */
final class SubscribeMessageCache {

    /** The longest message remembered, in bytes. */
    static final int LONGEST = 256;

    /** So many are remembered; one that is new takes the place of another. */
    static final int MOST = 64;

    private final AtomicReferenceArray<Known> known = new AtomicReferenceArray<>(MOST);

    /**
     * The repository that a message names.
     *
     * @param message not to be changed afterwards
     * @throws MessageFormatException if it is no subscription; its fault says how
     */
    RepositoryName repository(byte[] message) {
        if (message.length > LONGEST) {
            return SubscribeMessage.parse(message).repository();
        }
        int place = Math.floorMod(Arrays.hashCode(message), MOST);
        Known there = known.get(place);
        if (there == null || !Arrays.equals(there.message, message)) {
            there = new Known(message, SubscribeMessage.parse(message).repository());
            known.set(place, there);
        }
        return there.repository;
    }

    private static final class Known {

        final byte[] message;
        final RepositoryName repository;

        Known(byte[] message, RepositoryName repository) {
            this.message = message;
            this.repository = repository;
        }
    }
}
