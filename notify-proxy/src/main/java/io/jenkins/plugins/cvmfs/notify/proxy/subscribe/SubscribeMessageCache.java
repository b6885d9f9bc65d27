package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Parses subscribe messages, with a cache. Thousands of clients that reconnect at once send the same few messages: each is parsed once, and
 * all senders share one name. Thread-safe.
 */
final class SubscribeMessageCache {

    /** The longest message in the cache, in bytes. */
    static final int MAX_MESSAGE_BYTES = 256;

    /** The size of the cache; a new message replaces another. */
    static final int SIZE = 64;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Known(byte[] message, RepositoryName repository) {}

    private final AtomicReferenceArray<Known> known = new AtomicReferenceArray<>(SIZE);

    /**
     * Returns the repository that a message names.
     *
     * @param message not to be changed afterwards
     * @throws MessageFormatException if it is not a subscribe message; its fault says how
     */
    RepositoryName repository(byte[] message) {
        if (message.length > MAX_MESSAGE_BYTES) {
            return SubscribeMessage.parse(message).repository();
        }
        int place = Math.floorMod(Arrays.hashCode(message), SIZE);
        Known there = known.get(place);
        if (there == null || !Arrays.equals(there.message(), message)) {
            there = new Known(message, SubscribeMessage.parse(message).repository());
            known.set(place, there);
        }
        return there.repository();
    }
}
